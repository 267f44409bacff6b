// npm run clustering [-- --data DIR] [--preset NAME] [--write]: the accuracy of facenet-web/clustering on a labelled set, beside DBSCAN,
// on six sample photos of several people, and its cost with 10,000 synthetic faces. DIR is in LFW's layout (pairs.txt,
// images/NAME/NAME_0001.jpg); people with one image are left out. Each method's rate is chosen on the people of the first half of the
// folds and judged on the others, who are also put into simulated group photos. --write updates docs/clustering.md.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ClusterOptions, clusterFaces } from '../../lib/clustering/cluster.ts';
import { linkNeighbours } from '../../lib/clustering/graph.ts';
import { thresholdFor } from '../../lib/comparison/calibration.ts';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { bCubedScore, type ClusteringScore, pairwiseScore } from '../../lib/evaluation/clustering.ts';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { byPerson, halvesOf, type PersonPhoto, photographedPeople } from '../kit/lfw/people.ts';
import { chooseRecipe, type Recipe } from '../kit/lfw/systems.ts';
import { MadeUpFaces } from '../kit/synthetic-embeddings.ts';
import { dbscan } from './dbscan.ts';
import { groupPhotoTable } from './group-photos.ts';
import { labelsOf, methodTitles } from './labels.ts';
import { samplePhotoTable } from './sample-photos.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Faces, and whose each of them is. */
interface Pile {
  faces: { embedding: Float32Array; model: string }[];
  truth: string[];
}

type Method = NonNullable<ClusterOptions['method']> | 'dbscan';

const methods = ['chinese-whispers', 'agglomerative', 'dbscan'] as const satisfies readonly Method[];

/** The false-accept rates among which each method's is chosen: all that the calibrations have a threshold for, but the loosest. */
const rates = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

const titles: Record<Method, string> = { ...methodTitles, dbscan: 'DBSCAN, 2 faces per core' };

/** The library's own rates (lib/clustering/cluster.ts). */
const defaults: Partial<Record<Method, number>> = { 'chinese-whispers': 3e-4, agglomerative: 1e-3 };

/** How many made-up faces show what time and memory clustering takes. */
const many = 10_000;

runCommand(main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      write: { type: 'boolean', default: false },
    },
  });
  const recipe = chooseRecipe(values.preset, undefined);
  const rule = ruleOf(recipe);
  const put = (name: string, text: string) => {
    process.stdout.write(`${text}\n\n`);
    if (values.write) writeBetweenMarks(join(root, 'docs/clustering.md'), name, `${text}\n`);
  };
  put('sample-photos', await samplePhotoTable(values.preset, rule, rates.slice(0, 4)));
  if (values.data) {
    const photos = byPerson(await photographedPeople(values.data, recipe))
      .filter(({ length }) => length > 1)
      .flat();
    const [taught, held] = halvesOf(photos);
    const scoredOn = (some: readonly PersonPhoto[]) => scored(labelledPile(some, rule), rule);
    const chosenOn = await scoredOn(taught);
    const judgedOn = await scoredOn(held);
    const all = await scoredOn(photos);
    const chosen = new Map(methods.map((method) => [method, bestRate(chosenOn.scores, method)]));
    const chosenOnly = all.scores.filter(({ method, far }) => far === chosen.get(method) || far === defaults[method]);
    put('choice', scoreTable(chosenOn, chosen));
    put('scores', scoreTable(judgedOn, chosen));
    put('all', scoreTable({ ...all, scores: chosenOnly }, chosen));
    put('group-photos', await groupPhotoTable(labelledPile(held, rule), rule, rates));
  }
  put('costs', ['| method | far | s | MB |', '|-|-|-|-|', ...(await measured(madeUp(many, rule), rule))].join('\n'));
}

function ruleOf({ calibration, metric, model }: Recipe): ComparisonRule {
  if (!calibration) throw new Error('The preset has no calibration.');
  return { model, dimension: 128, metric, calibration };
}

function labelledPile(photos: readonly PersonPhoto[], { model }: ComparisonRule): Pile {
  return {
    faces: photos.map(({ embedding }) => ({ embedding, model })),
    truth: photos.map(({ person }) => person),
  };
}

/** Made-up people with five faces each. */
function madeUp(count: number, { model, dimension }: ComparisonRule): Pile {
  const made = new MadeUpFaces(dimension);
  const people = Array.from({ length: Math.ceil(count / 5) }, () => made.person());
  const truth = Array.from({ length: count }, (_, i) => `${i % people.length}`);
  return { truth, faces: truth.map((i) => ({ embedding: made.near(people[Number(i)] as Float32Array), model })) };
}

async function labelled({ faces }: Pile, rule: ComparisonRule, method: Method, far: number): Promise<number[]> {
  if (method !== 'dbscan') return labelsOf(await clusterFaces(faces, { rule }, { method, far }));
  const embeddings = faces.map(({ embedding }) => embedding);
  return dbscan(await linkNeighbours(embeddings, thresholdFor(far, rule.calibration), rule.metric), 2);
}

/** How good a method is at a rate. */
interface Score {
  method: Method;
  far: number;
  clusters: number;
  pairs: ClusteringScore;
  cubed: ClusteringScore;
}

/** What a table is made of. */
interface Scored {
  pile: Pile;
  scores: Score[];
}

async function scored(pile: Pile, rule: ComparisonRule): Promise<Scored> {
  const scores: Score[] = [];
  for (const method of methods) {
    for (const far of rates) {
      const labels = await labelled(pile, rule, method, far);
      const [pairs, cubed] = [pairwiseScore(labels, pile.truth), bCubedScore(labels, pile.truth)];
      scores.push({ method, far, clusters: new Set(labels).size, pairs, cubed });
    }
  }
  return { pile, scores };
}

/** The rate at which a method's BCubed F is best. */
function bestRate(scores: readonly Score[], of: Method): number {
  const own = scores.filter(({ method }) => method === of).sort((a, b) => b.cubed.f - a.cubed.f);
  return (own[0] as Score).far;
}

function scoreTable({ pile, scores }: Scored, chosen: ReadonlyMap<Method, number>): string {
  const lines = scores.map(({ method, far, clusters, pairs, cubed }) => {
    const own = scores.filter((score) => score.method === method);
    const cell = (value: number, of: (score: Score) => number) => {
      const text = value.toFixed(3);
      return value === Math.max(...own.map(of)) ? `**${text}**` : text;
    };
    const marks = [far === chosen.get(method) && 'chosen', far === defaults[method] && 'default'].filter(Boolean);
    const title = titles[method] + (marks.length > 0 ? ` (${marks.join(', ')})` : '');
    const numbers = [
      pairs.precision.toFixed(3),
      pairs.recall.toFixed(3),
      cell(pairs.f, (score) => score.pairs.f),
      cubed.precision.toFixed(3),
      cubed.recall.toFixed(3),
      cell(cubed.f, (score) => score.cubed.f),
    ];
    return `| ${[title, far.toFixed(5).replace(/0+$/, ''), clusters, ...numbers].join(' | ')} |`;
  });
  return [
    `${pile.faces.length.toLocaleString('en')} photos of ${new Set(pile.truth).size} people.\n`,
    '| method | far | clusters | pairwise precision | recall | F | BCubed precision | recall | F |',
    '|-|-|-|-|-|-|-|-|-|',
    ...lines,
  ].join('\n');
}

/**
 * The seconds of processor time that each method takes, which other work on the machine does not lengthen, and the most memory
 * that it held at a time beside the faces themselves.
 */
async function measured(pile: Pile, rule: ComparisonRule): Promise<string[]> {
  const lines: string[] = [];
  for (const [method, far] of Object.entries({ ...defaults, dbscan: 1e-4 }) as [Method, number][]) {
    globalThis.gc?.();
    const held = () => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = held();
    let most = before;
    const look = setInterval(() => {
      most = Math.max(most, held());
    }, 20);
    const start = process.cpuUsage().user;
    await labelled(pile, rule, method, far);
    const seconds = (process.cpuUsage().user - start) / 1e6;
    clearInterval(look);
    most = Math.max(most, held());
    lines.push(`| ${[titles[method], far, seconds.toFixed(1), Math.round((most - before) / 1e6)].join(' | ')} |`);
  }
  return lines;
}
