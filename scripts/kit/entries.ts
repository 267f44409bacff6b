import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An entry point of the package, as its `exports` have it. */
export interface Entry {
  /** What it is imported as. */
  name: string;
  /** Its script and its declarations, below the package. */
  script: string;
  types: string;
}

/** Every entry point that is code, in the order of package.json. */
export function entries(): Entry[] {
  const file = fileURLToPath(new URL('../../package.json', import.meta.url));
  const { name, exports } = JSON.parse(readFileSync(file, 'utf8')) as {
    name: string;
    exports: Record<string, string | { import: string; types: string }>;
  };
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [{ name: path.replace('.', name), script: target.import, types: target.types }],
  );
}
