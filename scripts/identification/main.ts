// npm run identification: measures the false-positive identification rate of galleries, and compares it with the stated one.
import { parseArgs } from 'node:util';
import { distances } from '../../lib/comparison/distance.ts';
import { seeded, shuffled } from '../../lib/core/random.ts';
import { fitCalibration } from '../../lib/evaluation/index.ts';
import { identifyIn } from '../../lib/gallery/open-set.ts';
import { ExactIndex } from '../../lib/gallery/search/exact.ts';
import { runCommand } from '../kit/command.ts';
import { type Distance, impostorPairs } from '../kit/lfw/calibration.ts';
import { embedPeople, groupByPerson, type PersonPhoto, splitFolds } from '../kit/lfw/people.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath } from '../kit/paths.ts';

const usage = `usage: npm run identification -- --data DIR [--preset NAME] [--write]

DIR       has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg
--preset  default: balanced
--write   writes the table into docs/accuracy.md`;

/** The numbers of people to enrol, with one photo each. */
const gallerySizes = [10, 100, 500];

/** The options of the identification: a false-positive identification rate, or the default. */
const optionSets = [{ fpir: 0.1 }, { fpir: 0.03 }, {}];

/** The number of random galleries of each size, from each half of the people. */
const galleriesPerHalf = 50;

/** The rates of one gallery. */
interface Outcome {
  far: number;
  /** The stated false-positive identification rate. */
  stated: number;
  /** The fraction of probes of strangers that match someone. */
  falsePositive: number;
  /** The fraction of probes of enrolled people whose nearest enrolled face is their own, at any distance. */
  rank1: number;
  /** The true-positive identification rate: the fraction of the same probes that match their person. */
  correct: number;
  /** The false-negative identification rate: 1 − `correct`. */
  missed: number;
  /** The fraction of the same probes that match another person. */
  wrong: number;
}

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      write: { type: 'boolean', default: false },
    },
  });
  if (!values.data) throw new Error(usage);
  const recipe = chooseRecipe(values.preset);
  const photos = await embedPeople(values.data, recipe);
  const halves = splitFolds(photos);
  const random = seeded(1);
  const rows: string[][] = [];
  for (const size of gallerySizes) {
    const outcomes: Outcome[][] = optionSets.map(() => []);
    for (const [i, half] of halves.entries()) {
      const calibration = calibrate(halves[1 - i] as PersonPhoto[], recipe);
      for (let draw = 0; draw < galleriesPerHalf; draw++) {
        const gallery = drawGallery(half, size, random);
        for (const [which, options] of optionSets.entries()) {
          outcomes[which]?.push(await identifyAll(gallery, { calibration }, options, recipe));
        }
      }
    }
    for (const each of outcomes) rows.push(row(size, each));
  }
  const people = halves.map((half) => groupByPerson(half).length);
  const text = [
    `${photos.length.toLocaleString('en')} photos of ${people[0]} and ${people[1]} people, preset \`${recipe.name}\`, ${2 * galleriesPerHalf} galleries per row.\n`,
    markdownTable(
      ['enrolled', 'FAR per comparison', 'stated FPIR', 'measured FPIR', 'TPIR', 'FNIR', 'wrong person', 'rank 1'],
      rows,
    ),
  ].join('\n');
  process.stdout.write(text);
  if (values.write) writeSection(repositoryPath('docs/accuracy.md'), 'identification', text);
  return undefined;
}

/** A calibration that is fitted to these people only. */
function calibrate(photos: readonly PersonPhoto[], { metric }: Recipe) {
  const distance: Distance = distances[metric];
  const genuine = groupByPerson(photos).flatMap((own) =>
    own.flatMap((a, i) => own.slice(i + 1).map((b) => ({ same: true, distance: distance(a.embedding, b.embedding) }))),
  );
  const embeddings = new Map(photos.map(({ path, embedding }) => [path, embedding]));
  return fitCalibration([...genuine, ...impostorPairs(embeddings, distance)]);
}

/** A gallery, and probes of enrolled people (mated) and of strangers (non-mated), one for each person. */
interface RandomGallery {
  templates: PersonPhoto[];
  mated: PersonPhoto[];
  nonMated: PersonPhoto[];
}

/** Enrols people at random with one photo each. People with a second photo, for a mated probe, are preferred. */
function drawGallery(photos: readonly PersonPhoto[], size: number, random: () => number): RandomGallery {
  const people = shuffled(groupByPerson(photos), random).map((own) => shuffled(own, random));
  const order = [...people.filter(({ length }) => length > 1), ...people.filter(({ length }) => length === 1)];
  const enrolled = order.slice(0, size);
  const firstOf = (own: PersonPhoto[]) => own[0] as PersonPhoto;
  return {
    templates: enrolled.map(firstOf),
    mated: enrolled.flatMap(([, other]) => other ?? []),
    nonMated: order.slice(size).map(firstOf),
  };
}

async function identifyAll(
  { templates, mated, nonMated }: RandomGallery,
  rule: Parameters<typeof identifyIn>[2],
  options: { fpir?: number },
  { metric }: Recipe,
): Promise<Outcome> {
  const index = new ExactIndex(templates[0]?.embedding.length as number, metric);
  await index.add(templates.map(({ path, person, embedding }) => ({ id: path, person, embedding })));
  const identify = ({ embedding }: PersonPhoto) => identifyIn(index, embedding, rule, options);
  const known = await Promise.all(
    mated.map(async (probe) => ({
      person: probe.person,
      match: (await identify(probe)).match?.person,
      nearest: (await index.search(probe.embedding, { limit: 1 }))[0]?.person,
    })),
  );
  const unknown = await Promise.all(nonMated.map(identify));
  const { far, fpir } = unknown[0] as (typeof unknown)[0];
  const correct = known.filter(({ person, match }) => match === person).length / known.length;
  return {
    far,
    stated: fpir,
    falsePositive: unknown.filter(({ match }) => match).length / unknown.length,
    rank1: known.filter(({ person, nearest }) => nearest === person).length / known.length,
    correct,
    missed: 1 - correct,
    wrong: known.filter(({ person, match }) => match !== undefined && match !== person).length / known.length,
  };
}

/** A row of the table: the means over the galleries, with the range of 95 % of them in brackets. */
function row(size: number, outcomes: readonly Outcome[]): string[] {
  const percent = (value: number) => (100 * value).toFixed(2);
  const mean = (of: keyof Outcome) => outcomes.reduce((sum, outcome) => sum + outcome[of], 0) / outcomes.length;
  const spread = (of: keyof Outcome) => {
    const sorted = outcomes.map((outcome) => outcome[of]).sort((a, b) => a - b);
    const at = (fraction: number) => percent(sorted[Math.round(fraction * (sorted.length - 1))] as number);
    return `${percent(mean(of))} % [${at(0.025)}, ${at(0.975)}]`;
  };
  const cells = [String(size), mean('far').toPrecision(2), `${percent(mean('stated'))} %`];
  const spreads = (['falsePositive', 'correct', 'missed', 'wrong', 'rank1'] as const).map(spread);
  return [...cells, ...spreads];
}
