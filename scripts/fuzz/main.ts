// npm run fuzz -- --seconds N: hostile input of every kind that comes from outside.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { fuzz, table, targetNames } from './run.ts';

const usage = `usage: npm run fuzz -- --seconds N [--seed S] [--only TARGET,…]

--seconds  how long, for all targets together; a run of 1,200 or more of all of them writes its table into docs/reliability.md
--seed     the first seed; each case has the next one, and the same seed makes the same case. Default: the time
--only     ${targetNames.join(', ')}

Exit code 1: there were findings; each is written into test-results/fuzz/. Put it into test/fuzz/regressions/ when it is mended.`;

const root = fileURLToPath(new URL('../..', import.meta.url));

runCommand(main);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed ?? Math.floor(Date.now() / 1000))];
  if (!(seconds > 0) || !Number.isInteger(seed)) throw new Error(usage);
  buildLibrary();
  const reports = await fuzz(seconds, seed, values.only?.split(','));
  const told = `${seconds} seconds, first seed ${seed}.\n\n${table(reports)}`;
  process.stdout.write(told);
  const findings = Object.entries(reports).flatMap(([target, report]) =>
    report.findings.map((finding) => ({ target, ...finding })),
  );
  mkdirSync(join(root, 'test-results/fuzz'), { recursive: true });
  for (const { target, seed, what, given } of findings) {
    // A seed makes its case again whatever it holds; JSON would turn NaN into null.
    const kept = { target, note: what, ...(seed >= 0 ? { seed } : { given }) };
    writeFileSync(join(root, `test-results/fuzz/${target}-${seed}.json`), JSON.stringify(kept));
    process.stdout.write(`\n${target}, seed ${seed}: ${what}\n`);
  }
  if (seconds >= 1200 && !values.only) writeBetweenMarks(join(root, 'docs/reliability.md'), 'fuzz', told);
  return findings.length === 0 ? 0 : 1;
}
