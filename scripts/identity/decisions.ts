import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { seeded, shuffled } from '../../lib/core/random.ts';
import { enrolPeople, type Run, runInPage, type Subject, type SubjectPhotos } from './page.ts';

/** The sides of the faces in the video, in pixels; the runs alternate between them. */
const sizes = [140, 100, 70];

/** The time limit for a decision, and the time to watch after it, in milliseconds. */
const times = { decisionTimeout: 20_000, watchAfterDecision: 2000 };

/** Measures the time until the identity of each face is decided. @returns a table. */
export async function measureDecisions(page: Page, subjects: readonly Subject[], count: number): Promise<string> {
  return table(await showAll(page, subjects, count));
}

/** Enrols people of a data set. @param images a folder with NAME/NAME_0001.jpg. */
export function enrolDataSet(page: Page, images: string, count: number): Promise<Subject[]> {
  return page.evaluate(enrolPeople, choosePeople(images, count));
}

async function showAll(page: Page, subjects: readonly Subject[], count: number): Promise<Run[]> {
  const runs: Run[] = [];
  for (let i = 0; i < count; i++) {
    const subject = subjects[i % subjects.length] as Subject;
    const size = sizes[i % sizes.length] as number;
    const run = await page.evaluate(runInPage, { ...subject, size, ...times });
    runs.push(run);
    const identities = run.identities.map((labels) => labels.join(' → ')).join('; ');
    const name = subject.name ?? `stranger (${subject.face.photo})`;
    process.stderr.write(`${i + 1} of ${count}: ${name}: ${identities}\n`);
  }
  return runs;
}

/** Chooses people of a data set at random: two of three with a photo to enrol and another to show, the third a stranger. */
function choosePeople(images: string, count: number): SubjectPhotos[] {
  const random = seeded(1);
  const people = shuffled(readdirSync(images).sort(), random).map((name) =>
    readdirSync(join(images, name))
      .sort()
      .map((file) => `/photos/${name}/${file}`),
  );
  const [known, strangers] = [people.filter(({ length }) => length > 1), people.filter(({ length }) => length === 1)];
  const strangerCount = Math.floor(count / 3);
  if (strangers.length < strangerCount || known.length < count - strangerCount) {
    throw new Error(
      `${count} runs need ${count - strangerCount} people with two photos and ${strangerCount} with one. Use fewer --runs.`,
    );
  }
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 === 2) return { name: undefined, shown: strangers.pop()?.[0] as string };
    const [enrolled, shown] = known.pop() as [string, string];
    return { name: enrolled, enrolled, shown };
  });
}

function table(runs: readonly Run[]): string {
  const rows = [
    row(
      'enrolled people',
      runs.filter(({ name }) => name !== undefined),
    ),
    row(
      'strangers',
      runs.filter(({ name }) => name === undefined),
    ),
  ];
  const frames = runs.reduce((sum, run) => sum + run.frames, 0);
  const seconds = runs.reduce((sum, run) => sum + run.milliseconds, 0) / 1000;
  return [
    '| | runs | correct | wrong name | undecided at the end | lost its name | two ids | detection, ms | frames to decision | detection to decision, ms |',
    '|-|-|-|-|-|-|-|-|-|-|',
    ...rows,
    `\n${(frames / seconds).toFixed(1)} frames a second were processed. Times and frames: median, in brackets the 90th percentile.\n`,
  ].join('\n');
}

function row(title: string, runs: readonly Run[]): string {
  const decided = runs.filter(({ decidedAfter }) => decidedAfter !== undefined);
  const expected = ({ name }: Run) => ['undecided', 'unknown', name];
  const correct = runs.filter((run) => run.identities.at(-1)?.at(-1) === (run.name ?? 'unknown'));
  const wrong = runs.filter((run) => run.identities.flat().some((label) => !expected(run).includes(label)));
  // A name may follow "unknown", but must not be replaced.
  const losesName = (labels: readonly string[]) =>
    labels.some((label, i) => i < labels.length - 1 && label !== 'undecided' && label !== 'unknown');
  const changed = runs.filter(({ identities }) => identities.some(losesName));
  const lost = runs.filter(({ identities }) => identities.length > 1);
  return `| ${[
    title,
    runs.length,
    correct.length,
    wrong.length,
    runs.length - decided.length,
    changed.length,
    lost.length,
    percentiles(runs.flatMap(({ detectedAfter }) => detectedAfter ?? [])),
    percentiles(decided.map(({ undecidedFrames }) => undecidedFrames)),
    percentiles(decided.map(({ decidedAfter, detectedAfter }) => (decidedAfter as number) - (detectedAfter as number))),
  ].join(' | ')} |`;
}

/** "120 (180)": the median and the 90th percentile. */
function percentiles(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const sorted = [...values].sort((a, b) => a - b);
  const at = (fraction: number) => Math.round(sorted[Math.floor(fraction * (sorted.length - 1))] as number);
  return `${at(0.5)} (${at(0.9)})`;
}
