// npm run fuzz: runs the library on hostile input of every kind.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { writeSection } from '../kit/markdown.ts';
import { repositoryPath } from '../kit/paths.ts';
import { fuzz, table, targetNames } from './run.ts';

const usage = `usage: npm run fuzz -- --seconds N [--seed S] [--only TARGET,…]

--seconds  the duration, for all targets together; 1200 or more, of all targets, writes the table into docs/reliability.md
--seed     the first seed; each case has the next one, and a seed always generates the same case. Default: the time
--only     fuzzes only these targets: ${targetNames.join(', ')}

Exit code 1: there are findings, in test-results/fuzz/. Move them into test/fuzz/regressions/ after the fix.`;

runCommand(usage, main);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed ?? Math.floor(Date.now() / 1000))];
  if (!(seconds > 0) || !Number.isInteger(seed)) throw new Error(usage);
  buildLibrary();
  const reports = await fuzz(seconds, seed, values.only?.split(','));
  const text = `${seconds} seconds, first seed ${seed}.\n\n${table(reports)}`;
  process.stdout.write(text);
  const findings = Object.entries(reports).flatMap(([target, report]) =>
    report.findings.map((finding) => ({ target, ...finding })),
  );
  const folder = repositoryPath('test-results/fuzz');
  mkdirSync(folder, { recursive: true });
  for (const { target, seed, what, given } of findings) {
    // A seed is preferred to the input, because JSON turns NaN into null.
    const regression = { target, note: what, ...(seed >= 0 ? { seed } : { given }) };
    writeFileSync(`${folder}/${target}-${seed}.json`, JSON.stringify(regression));
    process.stdout.write(`\n${target}, seed ${seed}: ${what}\n`);
  }
  if (seconds >= 1200 && !values.only) writeSection(repositoryPath('docs/reliability.md'), 'fuzz', text);
  return findings.length === 0 ? 0 : 1;
}
