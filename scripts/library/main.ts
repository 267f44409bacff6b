// npm run library: measures facenet-web/library: grouping against the exact method, questions, and the cost of many faces.
import { parseArgs } from 'node:util';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { runCommand } from '../kit/command.ts';
import { embedPeople, groupByPerson, splitFolds } from '../kit/lfw/people.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath } from '../kit/paths.ts';
import { askUntil, compareWithExact, type NamedFaces, type Strategy } from './people.ts';
import { measureScale } from './scale.ts';

const usage = `usage: npm run library -- [--data DIR] [--faces N] [--write]

--data   a folder with pairs.txt in LFW's format and images/NAME/NAME_0001.jpg: grouping and questions are measured on its people
         with two photos or more
--faces  the number of invented faces that time and memory are measured with; 0: none. Default: 100000
--write  writes the tables into docs/library.md`;

/** The default rate of the library (lib/library/session/options.ts). */
const defaultFar = 3e-5;

runCommand(usage, async () => {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      faces: { type: 'string', default: '100000' },
      write: { type: 'boolean', default: false },
    },
  });
  const output = (name: string, text: string) => {
    process.stdout.write(`${text}\n`);
    if (values.write) writeSection(repositoryPath('docs/library.md'), name, text);
  };
  const recipe = chooseRecipe('balanced');
  if (values.data) await measurePeople(values.data, recipe, output);
  if (Number(values.faces) > 0) output('scale', await scaleTable(Number(values.faces)));
  return undefined;
});

async function measurePeople(
  data: string,
  recipe: Recipe,
  output: (name: string, text: string) => void,
): Promise<void> {
  const rule = ruleOf(recipe);
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
  output('grouping', await groupingTable([...halves, all], rule));
  output('questions', await questionTable(halves, rule));
}

async function groupingTable(halves: readonly NamedFaces[], rule: ComparisonRule): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const [i, half] of halves.entries()) {
    for (const far of [1e-4, defaultFar, 1e-5]) {
      const { library, exact, otherOrder, agreement } = await compareWithExact(half, rule, far);
      const values = [exact.f, library.f, otherOrder.f, library.precision, library.recall, agreement.f];
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
    ],
    rows,
  );
}

async function questionTable(halves: readonly NamedFaces[], rule: ComparisonRule): Promise<string> {
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

async function scaleTable(faces: number): Promise<string> {
  // The invented embeddings have the distances of this embedder.
  const rule = ruleOf(chooseRecipe('balanced', 'dlib-resnet-34'));
  const { graph, grouping, memory, recall, columns } = await measureScale(faces, rule, 1e-4);
  return markdownTable(
    ['faces', 'neighbour graph, s', 'grouping, s', 'memory, MB', 'neighbours found', 'columns of all faces, ms'],
    [
      [
        faces.toLocaleString('en'),
        graph.toFixed(1),
        grouping.toFixed(1),
        Math.round(memory / 1e6),
        recall.toFixed(3),
        columns.toFixed(1),
      ],
    ],
  );
}

function ruleOf({ calibration, dimension, metric, model }: Recipe): ComparisonRule {
  if (!calibration) throw new Error('The preset has no calibration.');
  return { model, dimension, metric, calibration };
}

function halfName(index: number): string {
  return ['1 and 2', '3 and 4', 'all'][index] ?? '';
}
