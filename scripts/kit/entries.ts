import { readFileSync } from 'node:fs';
import { repositoryPath } from './paths.ts';

/** An entry point of the package. */
export interface Entry {
  /** The import specifier, such as "facenet-web/gallery". */
  name: string;
  /** The paths of its script and of its declarations, relative to package.json. */
  script: string;
  types: string;
}

/** Every entry point that is code, in the order of `exports` in package.json. */
export function entries(): Entry[] {
  const { name, exports } = JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, string | { import: string; types: string }>;
  };
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [{ name: path.replace('.', name), script: target.import, types: target.types }],
  );
}
