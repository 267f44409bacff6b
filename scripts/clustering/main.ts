// npm run clustering: measures the quality of facenet-web/clustering and of DBSCAN on labelled photos, and their cost.
import { parseArgs } from 'node:util';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { bCubedScore } from '../../lib/evaluation/clustering.ts';
import { runApart } from '../kit/apart.ts';
import { runCommand } from '../kit/command.ts';
import { embedPeople, groupByPerson, splitFolds } from '../kit/lfw/people.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath } from '../kit/paths.ts';
import type { ClusteringCost, CostOptions } from './costs.ts';
import { groupPhotoTable } from './group-photos.ts';
import { libraryMethods, methodTitles } from './labels.ts';
import {
  clusterLabels,
  type LabelledFaces,
  labelledFaces,
  type Method,
  type MethodScore,
  methods,
  type Neighbours,
  rates,
  scoreMethods,
  syntheticFaces,
} from './methods.ts';
import { samplePhotoTable } from './sample-photos.ts';

const usage = `usage: npm run clustering -- [--data DIR] [--preset NAME] [--only TABLES] [--write]

--data    a folder with pairs.txt in LFW's format and images/NAME/NAME_0001.jpg; people with one photo are left out. The rate
          of each method is chosen on the people of the first half of the folds, and measured on those of the second.
          Default: only time and memory are measured, on synthetic faces
--preset  default: balanced
--only    measures only sample-photos, quality (with --data), or costs
--write   writes the tables into docs/clustering.md`;

const titles: Record<Method, string> = { ...methodTitles, dbscan: 'DBSCAN, 2 faces per core' };

/** The default rates of the library (lib/clustering/cluster.ts). */
const defaults: Partial<Record<Method, number>> = { 'chinese-whispers': 3e-4, agglomerative: 1e-3 };

/** The numbers of synthetic faces that time and memory are measured with: of both searches, and of the approximate one. */
const [exactCount, largeCount] = [10_000, 100_000];

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const recipe = chooseRecipe(values.preset);
  const rule = ruleOf(recipe);
  const output = (name: string, text: string) => {
    process.stdout.write(`${text}\n\n`);
    if (values.write) writeSection(repositoryPath('docs/clustering.md'), name, `${text}\n`);
  };
  const isMeasured = (part: string) => values.only === undefined || values.only === part;
  if (isMeasured('sample-photos'))
    output('sample-photos', await samplePhotoTable(recipe.preset, rule, rates.slice(0, 4)));
  if (values.data && isMeasured('quality')) await measureQuality(values.data, recipe, rule, output);
  if (!isMeasured('costs')) return undefined;
  // The synthetic embeddings have the distances of this embedder.
  const syntheticRule = ruleOf(chooseRecipe(recipe.preset, 'dlib-resnet-34'));
  const costs = costRows(syntheticRule);
  output('costs', ['| faces | method | neighbours | far | s | MB | F |', '|-|-|-|-|-|-|-|', ...costs].join('\n'));
  return undefined;
}

function ruleOf({ calibration, dimension, metric, model }: Recipe): ComparisonRule {
  if (!calibration) throw new Error('The preset has no calibration.');
  return { model, dimension, metric, calibration };
}

async function measureQuality(
  data: string,
  recipe: Recipe,
  rule: ComparisonRule,
  output: (name: string, text: string) => void,
): Promise<void> {
  const photos = groupByPerson(await embedPeople(data, recipe))
    .filter(({ length }) => length > 1)
    .flat();
  const [fitting, held] = splitFolds(photos).map((some) => labelledFaces(some, rule)) as [LabelledFaces, LabelledFaces];
  const all = labelledFaces(photos, rule);
  const fittingScores = await scoreMethods(fitting, rule);
  const heldScores = await scoreMethods(held, rule);
  const allScores = await scoreMethods(all, rule);
  const chosen = new Map(methods.map((method) => [method, bestRate(fittingScores, method)]));
  const isListed = ({ method, far }: MethodScore) => far === chosen.get(method) || far === defaults[method];
  output('choice', scoreTable(fitting, fittingScores, chosen));
  output('scores', scoreTable(held, heldScores, chosen));
  output('all', scoreTable(all, allScores.filter(isListed), chosen));
  output('neighbours', await neighbourTable({ '3 and 4': held, all }, rule, chosen));
  output('group-photos', await groupPhotoTable(held, rule, rates));
}

/** The rate at which a method's BCubed F is highest. */
function bestRate(scores: readonly MethodScore[], method: Method): number {
  const own = scores.filter((score) => score.method === method).sort((a, b) => b.bCubed.f - a.bCubed.f);
  return (own[0] as MethodScore).far;
}

/** The BCubed F of each method by the links of all pairs, and by those of an approximate graph. */
async function neighbourTable(
  people: Record<string, LabelledFaces>,
  rule: ComparisonRule,
  chosen: ReadonlyMap<Method, number>,
): Promise<string> {
  const rows: string[][] = [];
  for (const [folds, { faces, people: names }] of Object.entries(people)) {
    for (const method of libraryMethods) {
      for (const far of new Set([defaults[method], chosen.get(method)] as number[])) {
        const score = async (neighbours: Neighbours) =>
          bCubedScore(await clusterLabels(faces, rule, { method, far, neighbours }), names).f.toFixed(4);
        const mark = [far === defaults[method] && 'default', far === chosen.get(method) && 'chosen'].filter(Boolean);
        const title = `${titles[method]} (${mark.join(', ')})`;
        rows.push([folds, title, farText(far), await score('exact'), await score('approximate')]);
      }
    }
  }
  return markdownTable(['folds', 'method', 'far', 'F exact', 'F approximate'], rows).trimEnd();
}

function scoreTable(
  { faces, people }: LabelledFaces,
  scores: readonly MethodScore[],
  chosen: ReadonlyMap<Method, number>,
): string {
  const lines = scores.map(({ method, far, clusters, pairwise, bCubed }) => {
    const own = scores.filter((score) => score.method === method);
    const cell = (value: number, of: (score: MethodScore) => number) => {
      const text = value.toFixed(3);
      return value === Math.max(...own.map(of)) ? `**${text}**` : text;
    };
    const marks = [far === chosen.get(method) && 'chosen', far === defaults[method] && 'default'].filter(Boolean);
    const title = titles[method] + (marks.length > 0 ? ` (${marks.join(', ')})` : '');
    const numbers = [
      pairwise.precision.toFixed(3),
      pairwise.recall.toFixed(3),
      cell(pairwise.f, (score) => score.pairwise.f),
      bCubed.precision.toFixed(3),
      bCubed.recall.toFixed(3),
      cell(bCubed.f, (score) => score.bCubed.f),
    ];
    return `| ${[title, farText(far), clusters, ...numbers].join(' | ')} |`;
  });
  return [
    `${faces.length.toLocaleString('en')} photos of ${new Set(people).size} people.\n`,
    '| method | far | clusters | pairwise precision | recall | F | BCubed precision | recall | F |',
    '|-|-|-|-|-|-|-|-|-|',
    ...lines,
  ].join('\n');
}

/** The processor time of each method, which other load does not change, and its peak memory without the faces. */
function costRows(rule: ComparisonRule): string[] {
  const rows: [number, CostOptions][] = [
    [exactCount, { rule, method: 'chinese-whispers', neighbours: 'exact', far: 3e-4 }],
    [exactCount, { rule, method: 'agglomerative', neighbours: 'exact', far: 1e-3 }],
    [exactCount, { rule, method: 'dbscan', neighbours: 'exact', far: 1e-4 }],
  ];
  for (const count of [exactCount, largeCount]) {
    rows.push([count, { rule, method: 'chinese-whispers', neighbours: 'approximate', far: 3e-4 }]);
    rows.push([count, { rule, method: 'agglomerative', neighbours: 'approximate', far: 1e-3 }]);
  }
  return rows.map(([count, options]) => {
    const embeddings = syntheticFaces(count, rule).faces.map(({ embedding }) => embedding);
    const script = repositoryPath('scripts/clustering/costs-process.ts');
    const { seconds, memory, result } = runApart<ClusteringCost>(script, embeddings, options);
    const { method, neighbours, far } = options;
    const cells = [count.toLocaleString('en'), titles[method], neighbours, farText(far)];
    return `| ${[...cells, seconds.toFixed(1), Math.round(memory / 1e6), result.f.toFixed(3)].join(' | ')} |`;
  });
}

function farText(far: number): string {
  return far.toFixed(5).replace(/0+$/, '');
}
