// npm run sizes [-- --write]: what each entry point costs a page, compressed, beside its budget. --write puts it into README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { entries } from '../kit/entries.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = join(root, 'README.md');

/** The most that an entry may weigh, in bytes: a tenth or so above what it needs. Raise one with a reason, not in passing. */
export const budgets: Record<string, number> = {
  'facenet-web': 16_500,
  'facenet-web/evaluation': 3_000,
  'facenet-web/gallery': 24_000,
  'facenet-web/clustering': 5_600,
  'facenet-web/training': 46_000,
  'facenet-web/liveness': 25_500,
  'facenet-web/element': 19_500,
  'facenet-web/react': 17_500,
  'facenet-web/worker': 34_000,
  'facenet-web/training-worker': 12_000,
};

/** What importing an entry fetches, in bytes as gzip compresses each file: the entry and what it imports, engines not. */
export function sizes(): Record<string, number> {
  return Object.fromEntries(entries().map(({ name, script }) => [name, bytesOf(imported(join(root, script)))]));
}

/** A script and every script that it imports before it runs. */
function imported(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, other = ''] of readFileSync(path, 'utf8').matchAll(/^(?:import|export)\b[^'"]*?["'](\.[^"']+)["']/gm)) {
    imported(join(dirname(path), other), seen);
  }
  return seen;
}

function bytesOf(paths: Set<string>): number {
  return [...paths].reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
}

const [start, end] = ['<!-- sizes: written by npm run sizes -- --write -->', '<!-- /sizes -->'];
const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);

/** The measured figures as README.md has them. */
export function sizesInReadme(): Record<string, number> {
  const [, table = ''] = readFileSync(readme, 'utf8').split(new RegExp(`${start}|${end}`));
  return Object.fromEntries(
    [...table.matchAll(/^\| `(.+?)` \| ([\d.]+) \|/gm)].map(([, name, size]) => [name, Number(size) * 1000]),
  );
}

async function main(): Promise<number> {
  buildLibrary();
  const measured = sizes();
  const rows = Object.entries(measured).map(
    ([name, bytes]) => `| \`${name}\` | ${kilobytes(bytes)} | ${kilobytes(budgets[name] ?? 0)} |`,
  );
  const table = ['| entry | kB | budget |', '|-|-|-|', ...rows].join('\n');
  process.stdout.write(`${table}\n`);
  if (process.argv.includes('--write')) {
    const [before = '', , after = ''] = readFileSync(readme, 'utf8').split(new RegExp(`${start}|${end}`));
    writeFileSync(readme, `${before}${start}\n${table}\n${end}${after}`);
  }
  return Object.entries(measured).every(([name, bytes]) => bytes <= (budgets[name] ?? 0)) ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runCommand(main);
