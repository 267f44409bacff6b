// npm run library: measures facenet-web/library: grouping against the exact method, questions, and the cost of many faces.
import { parseArgs } from 'node:util';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { runApart } from '../kit/apart.ts';
import { withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { embedPeople, groupByPerson, type PersonPhoto, splitFolds } from '../kit/lfw/people.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath, samplePhotos, userPath } from '../kit/paths.ts';
import { mean, spread } from '../kit/statistics.ts';
import { largeSize, measureIndexMemory, measureThroughput, smallSize } from './indexing.ts';
import { measureNeighbours } from './neighbours.ts';
import { measureOpening } from './opening.ts';
import { compareWithExact, type NamedFaces, type Strategy } from './people.ts';
import { fitQuestions } from './question-fit.ts';
import {
  askAboutMixtures,
  askFirst,
  fewPhotos,
  type MixtureResult,
  mixturesOf,
  type ReliabilityBin,
  reliability,
} from './questions.ts';
import { resemblingFaces, type ScaleOptions, type ScaleResult } from './scale.ts';

const usage = `usage: npm run library -- [--data DIR] [--preset NAME] [--only TABLE] [--faces N] [--photos N] [--packages DIR] [--write]

--data    a folder with pairs.txt in LFW's format and images/NAME/NAME_0001.jpg: grouping and questions are measured on its people
          with two photos or more, and the invented faces are distributed as its faces
--preset  embeds the people of --data. Default: balanced
--only    measures only one table: grouping, questions, reliability, question-fit, scale, neighbours, indexing, memory,
          large-memory, or opening
--faces   the number of invented faces in scale, neighbours and opening. Default: 100000
--photos  the number of photos in memory, and a hundred times that in large-memory. Default: 10000
--packages  a folder in which "npm install hnswlib-node hnswlib-wasm" was run: neighbours measures these, too. Default: the repository
--write   writes the tables into docs/library.md`;

const tables = [
  'grouping',
  'questions',
  'reliability',
  'question-fit',
  'scale',
  'neighbours',
  'indexing',
  'memory',
  'large-memory',
  'opening',
] as const;

/** The number of 12-megapixel photos that each preset indexes. */
const largePhotos = 24;

/** The default rate of the library (lib/library/session/options.ts). */
const defaultFar = 3e-5;

runCommand(usage, async () => {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      only: { type: 'string' },
      faces: { type: 'string', default: '100000' },
      photos: { type: 'string', default: '10000' },
      packages: { type: 'string', default: repositoryPath() },
      write: { type: 'boolean', default: false },
    },
  });
  if (values.only !== undefined && !(tables as readonly string[]).includes(values.only)) throw new Error(usage);
  const measure = async (table: (typeof tables)[number], run: () => Promise<string>) => {
    if (values.only !== undefined && values.only !== table) return;
    const text = await run();
    process.stdout.write(`${text}\n`);
    if (values.write) writeSection(repositoryPath('docs/library.md'), table, text);
  };
  const [faces, photos] = [Number(values.faces), Number(values.photos)];
  if (values.data) {
    const people = await loadPeople(values.data, values.preset);
    await measure('grouping', () => groupingTable(people));
    await measure('questions', () => questionTable(people));
    await measure('reliability', () => reliabilityTable(people));
    await measure('question-fit', () => questionFitTable(people));
    await measure('scale', () => scaleTable(faces, people));
    await measure('neighbours', () => neighbourTable(faces, people, userPath(values.packages)));
  }
  buildLibrary();
  await withBrowser({ folders: { '/samples': samplePhotos } }, async (session) => {
    await measure('indexing', () => measureThroughput(session, largePhotos));
    await measure('memory', () => measureIndexMemory(session.server, { size: smallSize, count: photos }));
    await measure('large-memory', () => measureIndexMemory(session.server, { size: largeSize, count: photos / 100 }));
    await measure('opening', () => measureOpening(session.server, faces));
  });
  return undefined;
});

/** The people of a data set who have two photos or more, in two halves and together. */
interface StudyPeople {
  rule: ComparisonRule;
  halves: NamedFaces[];
  all: NamedFaces;
  /** Both halves with the people who have one photo. */
  withSingles: NamedFaces[];
}

async function loadPeople(data: string, preset: string): Promise<StudyPeople> {
  const recipe = chooseRecipe(preset);
  const photos = await embedPeople(data, recipe);
  const several = groupByPerson(photos)
    .filter(({ length }) => length > 1)
    .flat();
  const [halves, withSingles] = [several, photos].map((some) => splitFolds(some).map(toNamedFaces)) as [
    NamedFaces[],
    NamedFaces[],
  ];
  const all: NamedFaces = {
    embeddings: halves.flatMap(({ embeddings }) => embeddings),
    names: halves.flatMap(({ names }) => names),
  };
  return { rule: ruleOf(recipe), halves, all, withSingles };
}

function toNamedFaces(photos: readonly PersonPhoto[]): NamedFaces {
  return {
    embeddings: photos.map(({ embedding }) => embedding),
    names: photos.map(({ person }) => person),
  };
}

async function groupingTable({ halves, all, rule }: StudyPeople): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const [i, half] of [...halves, all].entries()) {
    for (const far of [1e-4, defaultFar, 1e-5]) {
      const { library, exact, otherOrder, agreement, joinedAgreement } = await compareWithExact(half, rule, far);
      const values = [
        exact.f,
        library.f,
        otherOrder.f,
        library.precision,
        library.recall,
        agreement.f,
        joinedAgreement.f,
      ];
      rows.push([halfName(i), half.names.length, far.toFixed(5), ...values.map((value) => value.toFixed(4))]);
    }
  }
  return markdownTable(
    [
      'folds',
      'photos',
      'far',
      'F exact',
      'F library',
      'F other order',
      'precision',
      'recall',
      'agreement of both orders',
      'agreement if a twentieth joins',
    ],
    rows,
  );
}

/** The questions of each order in random mixtures. */
async function questionTable({ all, rule }: StudyPeople): Promise<string> {
  const results = await askAboutMixtures(all, rule, defaultFar);
  const byStrategy = (['library', 'size'] as Strategy[]).map((strategy) =>
    results.filter((result) => result.strategy === strategy),
  ) as [MixtureResult[], MixtureResult[]];
  const [own, bySize] = byStrategy;
  const neededText = ({ needed, asked }: MixtureResult) => String(needed ?? `not by ${asked.length}`);
  const rows = own.map((result, i) => [
    result.people,
    result.faces,
    result.before.toFixed(4),
    neededText(result),
    neededText(bySize[i] as MixtureResult),
  ]);
  const summary = (some: MixtureResult[]) => {
    const counts = some.map(({ needed, asked }) => needed ?? asked.length);
    const { min, max } = spread(counts);
    return `${mean(counts).toFixed(1)} (${min} to ${max})`;
  };
  rows.push(['mean (range)', '', '', ...byStrategy.map(summary)]);
  return markdownTable(['people', 'photos', 'F before', 'questions of nextQuestion()', 'largest people first'], rows);
}

/** How often questions of each probability are answered with yes, about people of the second half of the folds. */
async function reliabilityTable({ halves, withSingles, rule }: StudyPeople): Promise<string> {
  const [several, any] = await Promise.all(
    [halves[1], withSingles[1]].map(async (half) =>
      reliability(await askFirst(mixturesOf(half as NamedFaces), rule, defaultFar)),
    ),
  );
  const cells = ({ count, stated, yes }: ReliabilityBin) => [
    count,
    ...(count > 0 ? [stated.toFixed(2), yes.toFixed(2)] : ['', '']),
  ];
  const rows = (several as ReliabilityBin[]).map((bin, i) => [
    `${bin.from} to ${bin.to}`,
    ...cells(bin),
    ...cells((any as ReliabilityBin[])[i] as ReliabilityBin),
  ]);
  const columns = ['questions', 'mean probability', 'share answered yes'];
  return markdownTable(
    ['probability', ...columns, ...columns.map((column) => `with people of one photo: ${column}`)],
    rows,
  );
}

/** The constants of the probability of a question, fitted to people of the first half of the folds; and to the second half for comparison. */
async function questionFitTable({ halves, withSingles, rule }: StudyPeople): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const i of [0, 1]) {
    const [several, any] = [halves[i], withSingles[i]] as [NamedFaces, NamedFaces];
    const few = [2, 3, 4, 5, 6].map((count) => fewPhotos(several, count));
    const mixtures = [...mixturesOf(several), ...mixturesOf(any), ...few];
    const { constants, pairs, same } = await fitQuestions(mixtures, rule, defaultFar);
    rows.push([halfName(i), pairs, same, ...constants.map((constant) => constant.toFixed(2))]);
  }
  return markdownTable(
    ['folds', 'pairs', 'of one person', 'intercept', 'slope of the log odds', 'slope of the logarithm of distances'],
    rows,
  );
}

/** The share of the faces whose groups are compared with those of the exact method, whose time is quadratic. */
const comparedShare = 1 / 5;

async function scaleTable(count: number, { all, rule }: StudyPeople): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const share of [comparedShare, 1]) {
    const { embeddings, names } = resemblingFaces(Math.round(share * count), all);
    const options: ScaleOptions = { names, rule, far: defaultFar, isCompared: share < 1 };
    const result = runApart<ScaleResult>(repositoryPath('scripts/library/scale-process.ts'), embeddings, options);
    rows.push([
      result.faces.toLocaleString('en'),
      result.graph.toFixed(1),
      result.grouping.toFixed(1),
      Math.round(result.longestTask),
      Math.round(result.memory / 1e6),
      result.recall.toFixed(3),
      result.f.toFixed(4),
      result.exactF?.toFixed(4) ?? '',
      result.question.seconds.toFixed(1),
      Math.round(result.question.memory / 1e6),
      result.columns.toFixed(1),
    ]);
  }
  return markdownTable(
    [
      'faces',
      'neighbour graph, s',
      'grouping, s',
      'longest task of grouping, ms',
      'memory, MB',
      'neighbours found',
      'F',
      'F exact',
      'next question, s',
      'its memory, MB',
      'columns of all faces, ms',
    ],
    rows,
  );
}

async function neighbourTable(count: number, { all, rule }: StudyPeople, packages: string): Promise<string> {
  const results = await measureNeighbours(resemblingFaces(count, all).embeddings, rule, packages);
  return markdownTable(
    ['graph', 'build, s', 'recall@10', 'search, ms', 'memory, MB', 'code, kB'],
    results.map(({ graph, build, recall, search, memory, code }) => [
      graph,
      build.toFixed(1),
      recall.toFixed(3),
      search.toFixed(1),
      memory === undefined ? '–' : Math.round(memory / 1e6),
      Math.round(code / 1e3),
    ]),
  );
}

function ruleOf({ calibration, dimension, metric, model }: Recipe): ComparisonRule {
  if (!calibration) throw new Error('The preset has no calibration.');
  return { model, dimension, metric, calibration };
}

function halfName(index: number): string {
  return ['1 and 2', '3 and 4', 'all'][index] ?? '';
}
