// npm run identification -- --data DIR [--write]: how often a gallery takes strangers for somebody, beside what it states.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { distances } from '../../lib/comparison/distance.ts';
import { seeded, shuffled } from '../../lib/core/random.ts';
import { fitCalibration } from '../../lib/evaluation/index.ts';
import { identifyIn } from '../../lib/gallery/open-set.ts';
import { ExactIndex } from '../../lib/gallery/search/exact.ts';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { type Distance, strangers } from '../kit/lfw/calibrate.ts';
import { byPerson, halvesOf, type PersonPhoto, photographedPeople } from '../kit/lfw/people.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/systems.ts';

const usage = `usage: npm run identification -- --data DIR [--preset NAME] [--write]

DIR has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg.
--write  puts the table into docs/accuracy.md`;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How many people are enrolled, with one photo each. */
const sizes = [10, 100, 500];

/** What the gallery is asked for: a rate, or nothing, which is its default. */
const asked = [{ fpir: 0.1 }, { fpir: 0.03 }, {}];

/** How many galleries are drawn for each size out of each half of the people. */
const draws = 50;

/** What came of one gallery's probes. */
interface Outcome {
  far: number;
  stated: number;
  /** Of the probes of people who are not enrolled, the share that was taken for somebody. */
  falsePositive: number;
  /** Of those of people who are, the share whose nearest template is the person's, at whatever distance. */
  rank1: number;
  /** The true-positive identification rate: of the same, the share for whom the answer is the person. */
  right: number;
  /** The rest, the false-negative identification rate; and of the same again the share for whom the answer is somebody else. */
  missed: number;
  wrong: number;
}

runCommand(main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      write: { type: 'boolean', default: false },
    },
  });
  if (!values.data) throw new Error(usage);
  const recipe = chooseRecipe(values.preset, undefined);
  const photos = await photographedPeople(values.data, recipe);
  const halves = halvesOf(photos);
  const random = seeded(1);
  const lines: string[] = [];
  for (const size of sizes) {
    const outcomes: Outcome[][] = asked.map(() => []);
    for (const [i, half] of halves.entries()) {
      const calibration = calibrated(halves[1 - i] as PersonPhoto[], recipe);
      for (let draw = 0; draw < draws; draw++) {
        const gallery = drawn(half, size, random);
        for (const [which, options] of asked.entries()) {
          outcomes[which]?.push(await probed(gallery, { calibration }, options, recipe));
        }
      }
    }
    for (const each of outcomes) lines.push(line(size, each));
  }
  const people = halves.map((half) => byPerson(half).length);
  const text = [
    `${photos.length.toLocaleString('en')} photos of ${people[0]} and ${people[1]} people, preset \`${recipe.name}\`, ${2 * draws} galleries per row.\n`,
    '| enrolled | FAR per comparison | stated FPIR | measured FPIR | TPIR | FNIR | wrong person | rank 1 |',
    '|-|-|-|-|-|-|-|-|',
    ...lines,
    '',
  ].join('\n');
  process.stdout.write(text);
  if (values.write) writeBetweenMarks(join(root, 'docs/accuracy.md'), 'identification', text);
}

/** The calibration that the library would have, had it known these people only. */
function calibrated(photos: readonly PersonPhoto[], { metric }: Recipe) {
  const distance: Distance = distances[metric];
  const same = byPerson(photos).flatMap((own) =>
    own.flatMap((a, i) => own.slice(i + 1).map((b) => ({ same: true, distance: distance(a.embedding, b.embedding) }))),
  );
  const results = new Map(
    photos.map(({ path, embedding }) => [path, { embedding: [...embedding], detected: true, milliseconds: 0 }]),
  );
  return fitCalibration([...same, ...strangers(results, distance)]);
}

/** A gallery with the probes of it. */
interface Drawn {
  templates: PersonPhoto[];
  mated: PersonPhoto[];
  nonMated: PersonPhoto[];
}

/**
 * So many people enrolled with a photo each, by preference people of whom there is another to be known by. Everybody is
 * probed with one photo, whoever has many being no more than others.
 */
function drawn(photos: readonly PersonPhoto[], size: number, random: () => number): Drawn {
  const people = shuffled(byPerson(photos), random).map((own) => shuffled(own, random));
  const order = [...people.filter(({ length }) => length > 1), ...people.filter(({ length }) => length === 1)];
  const enrolled = order.slice(0, size);
  const firstOf = (own: PersonPhoto[]) => own[0] as PersonPhoto;
  return {
    templates: enrolled.map(firstOf),
    mated: enrolled.flatMap(([, other]) => other ?? []),
    nonMated: order.slice(size).map(firstOf),
  };
}

async function probed(
  { templates, mated, nonMated }: Drawn,
  rule: Parameters<typeof identifyIn>[2],
  options: { fpir?: number },
  { metric }: Recipe,
): Promise<Outcome> {
  const index = new ExactIndex(templates[0]?.embedding.length as number, metric);
  await index.add(templates.map(({ path, person, embedding }) => ({ id: path, person, embedding })));
  const answer = ({ embedding }: PersonPhoto) => identifyIn(index, embedding, rule, options);
  const known = await Promise.all(
    mated.map(async (probe) => ({
      person: probe.person,
      match: (await answer(probe)).match?.person,
      nearest: (await index.search(probe.embedding, { limit: 1 }))[0]?.person,
    })),
  );
  const unknown = await Promise.all(nonMated.map(answer));
  const { far, fpir } = unknown[0] as (typeof unknown)[0];
  const right = known.filter(({ person, match }) => match === person).length / known.length;
  return {
    far,
    stated: fpir,
    falsePositive: unknown.filter(({ match }) => match).length / unknown.length,
    rank1: known.filter(({ person, nearest }) => nearest === person).length / known.length,
    right,
    missed: 1 - right,
    wrong: known.filter(({ person, match }) => match !== undefined && match !== person).length / known.length,
  };
}

/** The mean of the galleries, and in brackets what 95 of 100 of them lie between. */
function line(size: number, outcomes: readonly Outcome[]): string {
  const percent = (value: number) => (100 * value).toFixed(2);
  const mean = (of: keyof Outcome) => outcomes.reduce((sum, outcome) => sum + outcome[of], 0) / outcomes.length;
  const spread = (of: keyof Outcome) => {
    const sorted = outcomes.map((outcome) => outcome[of]).sort((a, b) => a - b);
    const at = (share: number) => percent(sorted[Math.round(share * (sorted.length - 1))] as number);
    return `${percent(mean(of))} % [${at(0.025)}, ${at(0.975)}]`;
  };
  const cells = [size, mean('far').toPrecision(2), `${percent(mean('stated'))} %`];
  const spreads = (['falsePositive', 'right', 'missed', 'wrong', 'rank1'] as const).map(spread);
  return `| ${[...cells, ...spreads].join(' | ')} |`;
}
