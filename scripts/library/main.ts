// npm run library: measures facenet-web/library: grouping against the exact method, questions, and the cost of many faces.
import { parseArgs } from 'node:util';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { runApart } from '../kit/apart.ts';
import { withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { embedPeople, groupByPerson, splitFolds } from '../kit/lfw/people.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath, samplePhotos } from '../kit/paths.ts';
import { largeSize, measureIndexMemory, measureThroughput, smallSize } from './indexing.ts';
import { measureNeighbours } from './neighbours.ts';
import { measureOpening } from './opening.ts';
import { askUntil, compareWithExact, type NamedFaces, type Strategy } from './people.ts';
import { resemblingFaces, type ScaleOptions, type ScaleResult } from './scale.ts';

const usage = `usage: npm run library -- [--data DIR] [--only TABLE] [--faces N] [--photos N] [--write]

--data    a folder with pairs.txt in LFW's format and images/NAME/NAME_0001.jpg: grouping and questions are measured on its people
          with two photos or more, and the invented faces are distributed as its faces
--only    measures only one table: grouping, questions, scale, neighbours, indexing, memory,
          large-memory, or opening
--faces   the number of invented faces in scale, neighbours and opening. Default: 100000
--photos  the number of photos in memory, and a hundred times that in large-memory. Default: 10000
--write   writes the tables into docs/library.md`;

const tables = [
  'grouping',
  'questions',
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
      only: { type: 'string' },
      faces: { type: 'string', default: '100000' },
      photos: { type: 'string', default: '10000' },
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
    const people = await loadPeople(values.data);
    await measure('grouping', () => groupingTable(people));
    await measure('questions', () => questionTable(people));
    await measure('scale', () => scaleTable(faces, people));
    await measure('neighbours', () => neighbourTable(faces, people));
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
}

async function loadPeople(data: string): Promise<StudyPeople> {
  const recipe = chooseRecipe('balanced');
  const photos = groupByPerson(await embedPeople(data, recipe))
    .filter(({ length }) => length > 1)
    .flat();
  const halves = splitFolds(photos).map(
    (half): NamedFaces => ({
      embeddings: half.map(({ embedding }) => embedding),
      names: half.map(({ person }) => person),
    }),
  );
  const all: NamedFaces = {
    embeddings: halves.flatMap(({ embeddings }) => embeddings),
    names: halves.flatMap(({ names }) => names),
  };
  return { rule: ruleOf(recipe), halves, all };
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

async function questionTable({ halves, rule }: StudyPeople): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const [i, half] of halves.entries()) {
    for (const strategy of ['library', 'size'] as Strategy[]) {
      const { scores, asked } = await askUntil(half, rule, { far: defaultFar, target: 0.99, strategy, max: 400 });
      const reached = (scores.at(-1) as number) >= 0.99 ? String(asked.length) : `not by ${asked.length}`;
      const expected = asked.reduce((sum, { probability }) => sum + probability, 0) / Math.max(1, asked.length);
      const yes = asked.filter(({ same }) => same).length;
      const cells = [
        (scores[0] as number).toFixed(4),
        reached,
        (scores.at(-1) as number).toFixed(4),
        yes,
        expected.toFixed(2),
      ];
      rows.push([halfName(i), strategy === 'library' ? 'nextQuestion()' : 'largest people first', ...cells]);
    }
  }
  return markdownTable(
    ['folds', 'order of questions', 'F before', 'questions to F 0.99', 'F after', 'answered yes', 'mean probability'],
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

async function neighbourTable(count: number, { all, rule }: StudyPeople): Promise<string> {
  const results = await measureNeighbours(resemblingFaces(count, all).embeddings, rule);
  return markdownTable(
    ['graph', 'build, s', 'recall@10', 'search, ms'],
    results.map(({ graph, build, recall, search }) => [graph, build.toFixed(1), recall.toFixed(3), search.toFixed(1)]),
  );
}

function ruleOf({ calibration, dimension, metric, model }: Recipe): ComparisonRule {
  if (!calibration) throw new Error('The preset has no calibration.');
  return { model, dimension, metric, calibration };
}

function halfName(index: number): string {
  return ['1 and 2', '3 and 4', 'all'][index] ?? '';
}
