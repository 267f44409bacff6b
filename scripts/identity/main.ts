// npm run identity [-- --data DIR] [--runs N] [--write]: how long it takes in a video until a face has its name, and whether it keeps it.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seeded, shuffled } from '../../lib/core/random.ts';
import { launchChromium, openPage, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { startMovingFaces } from '../kit/moving-faces.ts';
import { type Casting, castPeople, castSamples, type Role, type Run, runInPage, startIdentity } from './page.ts';

const usage = `usage: npm run identity [-- --data DIR] [--runs N] [--write]

Without DIR the sample photos' own faces are filmed. DIR has images/NAME/NAME_0001.jpg, as Labelled Faces in the Wild has
them: of two thirds of the people one photo is enrolled and another filmed, the others are strangers.
--write  puts the table into docs/video.md`;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The sides of the faces in the video, in pixels: each run takes the next. */
const sizes = [140, 100, 70];

/** How long a face is given to get its identity, and how long it is watched after that, in milliseconds. */
const [longest, longer] = [20_000, 2000];

runCommand(main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      runs: { type: 'string', default: '44' },
      write: { type: 'boolean', default: false },
    },
  });
  const count = Number(values.runs);
  if (!Number.isInteger(count) || count < 1) throw new Error(usage);
  const images = values.data && join(resolve(process.env.INIT_CWD ?? '.', values.data), 'images');
  buildLibrary();
  const server = await serveLibrary({ '/photos': images || join(root, 'node_modules/@vladmandic/face-api/demo') });
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, server);
    await page.evaluate(startIdentity, server.url);
    const samples = [1, 2, 3, 4, 5, 6].map((number) => `/photos/sample${number}.jpg`);
    const roles = images
      ? await page.evaluate(castPeople, castOf(images, count))
      : await page.evaluate(castSamples, samples);
    await page.evaluate(`globalThis.startMovingFaces = ${startMovingFaces.toString()}`);
    const runs: Run[] = [];
    for (let i = 0; i < count; i++) {
      const role = roles[i % roles.length] as Role;
      const size = sizes[i % sizes.length] as number;
      const run = await page.evaluate(runInPage, { ...role, size, longest, longer });
      runs.push(run);
      const calls = run.called.map((calls) => calls.join(' → ')).join('; ');
      process.stderr.write(`${i + 1} of ${count}: ${role.name ?? `a stranger (${role.face.photo})`}: ${calls}\n`);
    }
    const text = table(runs);
    process.stdout.write(text);
    if (values.write) writeBetweenMarks(join(root, 'docs/video.md'), images ? 'identity-lfw' : 'identity', text);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** So many people of a labelled set: two of three have one photo to enrol and another to film, the third is a stranger. */
function castOf(images: string, count: number): Casting[] {
  const random = seeded(1);
  const people = shuffled(readdirSync(images).sort(), random).map((name) =>
    readdirSync(join(images, name))
      .sort()
      .map((file) => `/photos/${name}/${file}`),
  );
  const [known, strangers] = [people.filter(({ length }) => length > 1), people.filter(({ length }) => length === 1)];
  const asked = Math.floor(count / 3);
  if (strangers.length < asked || known.length < count - asked) {
    throw new Error(
      `${count} runs need ${count - asked} people with two photos and ${asked} with one: ask for fewer --runs.`,
    );
  }
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 === 2) return { name: undefined, filmed: strangers.pop()?.[0] as string };
    const [enrolled, filmed] = known.pop() as [string, string];
    return { name: enrolled, enrolled, filmed };
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
  const rightNames = ({ name }: Run) => ['undecided', 'unknown', name];
  const right = runs.filter((run) => run.called.at(-1)?.at(-1) === (run.name ?? 'unknown'));
  const wrong = runs.filter((run) => run.called.flat().some((call) => !rightNames(run).includes(call)));
  // A name that came after "unknown" is no flicker, one that went is.
  const flickers = (calls: readonly string[]) =>
    calls.some((call, i) => i < calls.length - 1 && call !== 'undecided' && call !== 'unknown');
  const changed = runs.filter(({ called }) => called.some(flickers));
  const lost = runs.filter(({ called }) => called.length > 1);
  const spread = (values: readonly number[]) => {
    if (values.length === 0) return '–';
    const sorted = [...values].sort((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] as number);
    return `${at(0.5)} (${at(0.9)})`;
  };
  return `| ${[
    title,
    runs.length,
    right.length,
    wrong.length,
    runs.length - decided.length,
    changed.length,
    lost.length,
    spread(runs.flatMap(({ seenAfter }) => seenAfter ?? [])),
    spread(decided.map(({ undecidedFrames }) => undecidedFrames)),
    spread(decided.map(({ decidedAfter, seenAfter }) => (decidedAfter as number) - (seenAfter as number))),
  ].join(' | ')} |`;
}
