// npm run clustering: measures the quality of facenet-web/clustering and of DBSCAN on labelled photos, and their cost.
import { parseArgs } from 'node:util';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { runCommand } from '../kit/command.ts';
import { embedPeople, groupByPerson, splitFolds } from '../kit/lfw/people.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/recipe.ts';
import { writeSection } from '../kit/markdown.ts';
import { repositoryPath } from '../kit/paths.ts';
import { groupPhotoTable } from './group-photos.ts';
import { methodTitles } from './labels.ts';
import {
  clusterLabels,
  type LabelledFaces,
  labelledFaces,
  type Method,
  type MethodScore,
  methods,
  rates,
  scoreMethods,
  syntheticFaces,
} from './methods.ts';
import { samplePhotoTable } from './sample-photos.ts';

const usage = `usage: npm run clustering -- [--data DIR] [--preset NAME] [--write]

--data    a folder with pairs.txt in LFW's format and images/NAME/NAME_0001.jpg; people with one photo are left out. The rate
          of each method is chosen on the people of the first half of the folds, and measured on those of the second.
          Default: only time and memory are measured, on synthetic faces
--preset  default: balanced
--write   writes the tables into docs/clustering.md`;

const titles: Record<Method, string> = { ...methodTitles, dbscan: 'DBSCAN, 2 faces per core' };

/** The default rates of the library (lib/clustering/cluster.ts). */
const defaults: Partial<Record<Method, number>> = { 'chinese-whispers': 3e-4, agglomerative: 1e-3 };

/** The number of synthetic faces that time and memory are measured with. */
const syntheticCount = 10_000;

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      write: { type: 'boolean', default: false },
    },
  });
  const recipe = chooseRecipe(values.preset);
  const rule = ruleOf(recipe);
  const output = (name: string, text: string) => {
    process.stdout.write(`${text}\n\n`);
    if (values.write) writeSection(repositoryPath('docs/clustering.md'), name, `${text}\n`);
  };
  output('sample-photos', await samplePhotoTable(recipe.preset, rule, rates.slice(0, 4)));
  if (values.data) await measureQuality(values.data, recipe, rule, output);
  // The synthetic embeddings have the distances of this embedder.
  const syntheticRule = ruleOf(chooseRecipe(recipe.preset, 'dlib-resnet-34'));
  const costs = await measureCosts(syntheticFaces(syntheticCount, syntheticRule), syntheticRule);
  output('costs', ['| method | far | s | MB |', '|-|-|-|-|', ...costs].join('\n'));
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
  output('group-photos', await groupPhotoTable(held, rule, rates));
}

/** The rate at which a method's BCubed F is highest. */
function bestRate(scores: readonly MethodScore[], method: Method): number {
  const own = scores.filter((score) => score.method === method).sort((a, b) => b.bCubed.f - a.bCubed.f);
  return (own[0] as MethodScore).far;
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
    return `| ${[title, far.toFixed(5).replace(/0+$/, ''), clusters, ...numbers].join(' | ')} |`;
  });
  return [
    `${faces.length.toLocaleString('en')} photos of ${new Set(people).size} people.\n`,
    '| method | far | clusters | pairwise precision | recall | F | BCubed precision | recall | F |',
    '|-|-|-|-|-|-|-|-|-|',
    ...lines,
  ].join('\n');
}

/** The processor time of each method, which other load does not change, and its peak memory without the faces. */
async function measureCosts({ faces }: LabelledFaces, rule: ComparisonRule): Promise<string[]> {
  const lines: string[] = [];
  for (const [method, far] of Object.entries({ ...defaults, dbscan: 1e-4 }) as [Method, number][]) {
    globalThis.gc?.();
    const before = heldMemory();
    let peak = before;
    const timer = setInterval(() => {
      peak = Math.max(peak, heldMemory());
    }, 20);
    const start = process.cpuUsage().user;
    await clusterLabels(faces, rule, method, far);
    const seconds = (process.cpuUsage().user - start) / 1e6;
    clearInterval(timer);
    peak = Math.max(peak, heldMemory());
    lines.push(`| ${[titles[method], far, seconds.toFixed(1), Math.round((peak - before) / 1e6)].join(' | ')} |`);
  }
  return lines;
}

function heldMemory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
