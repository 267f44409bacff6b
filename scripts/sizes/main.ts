// npm run sizes: measures the compressed size of each entry point, and compares it with its budget.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildLibrary } from '../kit/build-library.ts';
import { isMainModule, runCommand } from '../kit/command.ts';
import { entries } from '../kit/entries.ts';
import { markdownTable } from '../kit/markdown.ts';
import { repositoryPath } from '../kit/paths.ts';

const usage = `usage: npm run sizes -- [--write]

--write  writes the table into README.md

Exit code 1: an entry point exceeds its budget.`;

const readme = repositoryPath('README.md');

/** The size limit of each entry in bytes, about a tenth above its size. Give a reason in the commit that raises one. */
export const budgets: Record<string, number> = {
  'facenet-web': 27_500,
  'facenet-web/evaluation': 24_500,
  'facenet-web/gallery': 52_500,
  'facenet-web/clustering': 10_500,
  'facenet-web/library': 62_500,
  'facenet-web/liveness': 39_000,
  'facenet-web/convert': 268_000,
  'facenet-web/training': 61_000,
  'facenet-web/element': 32_500,
  'facenet-web/react': 29_500,
  'facenet-web/draw': 10_000,
  'facenet-web/worker': 57_000,
  'facenet-web/engines-worker': 62_000,
  'facenet-web/training-worker': 14_000,
};

/** The gzipped size of each entry in bytes: its script and the scripts that it imports statically. */
export function sizes(): Record<string, number> {
  return Object.fromEntries(
    entries().map(({ name, script }) => [name, gzippedSize(staticImports(repositoryPath(script)))]),
  );
}

/** A script and every script that it imports statically, directly or not. */
function staticImports(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, other = ''] of readFileSync(path, 'utf8').matchAll(/^(?:import|export)\b[^'"]*?["'](\.[^"']+)["']/gm)) {
    staticImports(join(dirname(path), other), seen);
  }
  return seen;
}

function gzippedSize(paths: Set<string>): number {
  return [...paths].reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
}

const [start, end] = ['<!-- sizes: written by npm run sizes -- --write -->', '<!-- /sizes -->'];
const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);

/** The sizes that README.md states, in bytes. */
export function sizesInReadme(): Record<string, number> {
  const [, table = ''] = readFileSync(readme, 'utf8').split(new RegExp(`${start}|${end}`));
  return Object.fromEntries(
    [...table.matchAll(/^\| `(.+?)` \| ([\d.]+) \|/gm)].map(([, name, size]) => [name, Number(size) * 1000]),
  );
}

async function main(): Promise<number> {
  buildLibrary();
  const measured = sizes();
  const rows = Object.entries(measured).map(([name, bytes]) => [
    `\`${name}\``,
    kilobytes(bytes),
    kilobytes(budgets[name] ?? 0),
  ]);
  const table = markdownTable(['entry', 'kB', 'budget'], rows);
  process.stdout.write(table);
  if (process.argv.includes('--write')) {
    const [before = '', , after = ''] = readFileSync(readme, 'utf8').split(new RegExp(`${start}|${end}`));
    writeFileSync(readme, `${before}${start}\n${table}${end}${after}`);
  }
  return Object.entries(measured).every(([name, bytes]) => bytes <= (budgets[name] ?? 0)) ? 0 : 1;
}

if (isMainModule(import.meta.url)) runCommand(usage, main);
