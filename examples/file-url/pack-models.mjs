// Writes a script that sets `modelFiles`: the content of each file of a folder in base64, by its path.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [, , folder] = process.argv;
const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
const pathOf = (file) => relative(folder, file).replaceAll('\\', '/');
const modelFiles = Object.fromEntries(files.map((file) => [pathOf(file), readFileSync(file, 'base64')]));
console.log(`globalThis.modelFiles = ${JSON.stringify(modelFiles)};`);
