// npm run clustering [-- --data DIR] …: how good facenet-web/clustering is on the people of a labelled set, beside DBSCAN, and
// what 10,000 faces cost.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Cluster, type ClusterOptions, clusterFaces } from '../lib/clustering/cluster.ts';
import { linked } from '../lib/clustering/graph.ts';
import { thresholdFor } from '../lib/comparison/calibration.ts';
import type { ComparisonRule } from '../lib/comparison/compare.ts';
import { bCubedScore, pairwiseScore } from '../lib/evaluation/clustering.ts';
import { launchChromium, serveLibrary } from './browser.ts';
import { buildLibrary } from './build.ts';
import { dbscan } from './clustering/dbscan.ts';
import { runCommand } from './command.ts';
import { writeBetweenMarks } from './document.ts';
import { embedImages } from './evaluation/embeddings.ts';
import { chooseRecipe, faceNet, type Recipe } from './evaluation/systems.ts';
import { MadeUpFaces } from './made-up-faces.ts';

const usage = `usage: npm run clustering -- [--data DIR] [--preset NAME] [--write]

DIR has images/NAME/NAME_0001.jpg, as Labelled Faces in the Wild has them; people with one image are left out. Without it
only time and memory are measured, on made-up faces.
--write  puts the tables into docs/clustering.md`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Faces, and whose each of them is. */
interface Pile {
  faces: { embedding: Float32Array; model: string }[];
  truth: string[];
}

type Method = NonNullable<ClusterOptions['method']> | 'dbscan';

/** The methods with the false-accept rates that their tables show, about where each does best. */
const rates: Record<Method, readonly number[]> = {
  'chinese-whispers': [3e-3, 1e-3, 3e-4, 1e-4, 3e-5],
  agglomerative: [1e-2, 3e-3, 1e-3, 3e-4, 1e-4],
  dbscan: [1e-3, 1e-4, 3e-5, 1e-5],
};

const titles: Record<Method, string> = {
  'chinese-whispers': 'Chinese Whispers',
  agglomerative: 'average linkage',
  dbscan: 'DBSCAN, 2 faces a core',
};

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
  const tables: Record<string, string> = {};
  if (values.data) {
    const data = resolve(process.env.INIT_CWD ?? '.', values.data);
    if (!existsSync(join(data, 'images'))) throw new Error(`${data} has no images/.\n${usage}`);
    buildLibrary();
    const pile = await photographed(data, recipe, rule);
    tables.scores = [
      `${pile.faces.length.toLocaleString('en')} photos of ${new Set(pile.truth).size} people, preset \`${recipe.name}\`.\n`,
      '| method | far | clusters | pairwise precision | recall | F | BCubed precision | recall | F |',
      '|-|-|-|-|-|-|-|-|-|',
      ...(await scored(pile, rule)),
    ].join('\n');
  }
  tables.costs = ['| method | far | s | MB |', '|-|-|-|-|', ...(await measured(madeUp(many, rule), rule))].join('\n');
  for (const [name, table] of Object.entries(tables)) {
    process.stdout.write(`${table}\n\n`);
    if (values.write) writeBetweenMarks(join(root, 'docs/clustering.md'), name, `${table}\n`);
  }
}

function ruleOf({ calibration, metric, model }: Recipe): ComparisonRule {
  if (!calibration) throw new Error('The preset has no calibration.');
  return { model, dimension: 128, metric, calibration };
}

/** The photos of the people of whom there are at least two, embedded by the library as it is built now. */
async function photographed(data: string, recipe: Recipe, { model }: ComparisonRule): Promise<Pile> {
  const people = readdirSync(join(data, 'images')).sort();
  const photos = people
    .map((name) => readdirSync(join(data, 'images', name)).map((file) => `${name}/${file}`))
    .filter(({ length }) => length > 1)
    .flat()
    .sort();
  const server = await serveLibrary({ '/photos': join(data, 'images') });
  const browser = await launchChromium();
  try {
    const addresses = new Map(photos.map((path) => [path, `/photos/${path}`]));
    const results = await embedImages(browser, server, faceNet(server.url, recipe, 'detector', undefined), addresses);
    return {
      faces: photos.map((path) => ({ embedding: new Float32Array(results.get(path)?.embedding ?? []), model })),
      truth: photos.map((path) => path.slice(0, path.indexOf('/'))),
    };
  } finally {
    await browser.close();
    await server.close();
  }
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
  return dbscan(await linked(embeddings, thresholdFor(far, rule.calibration), rule.metric), 2);
}

function labelsOf(clusters: readonly Cluster[]): number[] {
  const labels: number[] = [];
  clusters.forEach(({ members }, label) => {
    for (const member of members) labels[member] = label;
  });
  return labels;
}

/** A line of the table for each method and rate; the best F of each method is bold. */
async function scored(pile: Pile, rule: ComparisonRule): Promise<string[]> {
  const lines: string[] = [];
  for (const method of Object.keys(rates) as Method[]) {
    const rows: { far: number; clusters: number; numbers: number[] }[] = [];
    for (const far of rates[method]) {
      const labels = await labelled(pile, rule, method, far);
      const [pairs, cubed] = [pairwiseScore(labels, pile.truth), bCubedScore(labels, pile.truth)];
      const numbers = [pairs.precision, pairs.recall, pairs.f, cubed.precision, cubed.recall, cubed.f];
      rows.push({ far, clusters: new Set(labels).size, numbers });
    }
    const best = [2, 5].map((column) => Math.max(...rows.map(({ numbers }) => numbers[column] as number)));
    for (const { far, clusters, numbers } of rows) {
      const cells = numbers.map((value) => (best.includes(value) ? `**${value.toFixed(3)}**` : value.toFixed(3)));
      const title = `${titles[method]}${far === defaults[method] ? ' (default)' : ''}`;
      lines.push(`| ${[title, far, clusters, ...cells].join(' | ')} |`);
    }
  }
  return lines;
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
