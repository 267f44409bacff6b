import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelSource } from '../../../lib/models/manifest.ts';

/** The folder of an installed npm package. */
export function packageFolder(name: string): string {
  return fileURLToPath(new URL(`../../../node_modules/${name}`, import.meta.url));
}

/** A file of an installed npm package. */
export function packageFile(name: string, path: string): Buffer {
  return readFileSync(join(packageFolder(name), path));
}

/** The provenance of files: their npm package with the installed version, and how they were converted. */
export function source(name: string, files: string[], conversion: string): ModelSource {
  const { version } = JSON.parse(packageFile(name, 'package.json').toString()) as { version: string };
  return { package: name, version, files, conversion };
}
