// npm run ablation: measures the effect of each choice in the way of embedding, one at a time, with the LFW protocol.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cosineDistance, euclideanDistance } from '../../lib/comparison/distance.ts';
import type { LabelledPair } from '../../lib/evaluation/index.ts';
import type { EmbeddingDescriptor, Manifest } from '../../lib/models/manifest.ts';
import { withBrowser } from '../kit/browser.ts';
import { buildLibrary, builtCodeHash } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { embedImages } from '../kit/lfw/embed-images.ts';
import { choosePairs, photoPathsOf, readPairs } from '../kit/lfw/pairs.ts';
import { type ComparedPair, comparePairs, summarise } from '../kit/lfw/summary.ts';
import { readManifest, shippedPreset } from '../kit/manifest.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath, userPath } from '../kit/paths.ts';
import { type VariantEmbeddings, variantSystem } from './page.ts';
import { fuse } from './score-fusion.ts';
import { variants } from './variants.ts';
import { whiten } from './whitening.ts';

const usage = `usage: npm run ablation -- --data DIR [--limit N] [--write]

DIR      has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg
--limit  uses the first N pairs of each fold only
--write  writes the table into docs/accuracy.md`;

/** The folder of a manifest in which every variant is a preset and an embedder. */
const variantsFolder = repositoryPath('.cache/ablation');
/** The embedder that "npm run ablation" adds before this script runs. */
const second = { name: 'faceres', folder: repositoryPath('.cache/ablation-second') };

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, limit: { type: 'string' }, write: { type: 'boolean', default: false } },
  });
  if (!values.data) throw new Error(usage);
  const data = userPath(values.data);
  const pairs = choosePairs(readPairs(data), undefined, values.limit);
  buildLibrary();
  writeVariants();
  const folders = { '/photos': join(data, 'images'), '/variants': variantsFolder, '/second': second.folder };
  const results = await withBrowser({ folders }, (session) => {
    const { url } = session.server;
    const system = variantSystem([builtCodeHash(), variants], {
      library: `${url}dist/facenet-web.js`,
      models: ['variants/', 'second/', 'models/'].map((path) => `${url}${path}`),
      variants,
      second: second.name,
    });
    return embedImages(session, system, new Map(photoPathsOf(pairs).map((path) => [path, `/photos/${path}`])));
  });
  const text = table(compareVariants(pairs, results));
  process.stdout.write(text);
  if (values.write) writeSection(repositoryPath('docs/accuracy.md'), 'ablation', text);
  return undefined;
}

/** The distances by each row of the table. */
function compareVariants(
  pairs: readonly LabelledPair[],
  results: ReadonlyMap<string, VariantEmbeddings>,
): [name: string, pairs: ComparedPair[]][] {
  const vector = (values: number[] | undefined) => Float32Array.from(values ?? []);
  const byVariant = (i: number) =>
    comparePairs(pairs, results, (a, b) => euclideanDistance(vector(a?.embeddings[i]), vector(b?.embeddings[i])));
  const faceres = comparePairs(pairs, results, (a, b) => cosineDistance(vector(a?.second), vector(b?.second)));
  const balanced = variants.findIndex(({ name }) => name.includes('(balanced)'));
  const embeddings = new Map([...results].map(([path, result]) => [path, result?.embeddings[balanced]]));
  return [
    ...variants.map(({ name }, i): [string, ComparedPair[]] => [name, byVariant(i)]),
    ['balanced, whitened within people, fitted on the other folds', whiten(byVariant(balanced), embeddings)],
    ['faceres alone, with the mirror image', faceres],
    ['balanced and faceres, scores added, weight fitted on the other folds', fuse(byVariant(balanced), faceres)],
  ];
}

/** Writes a models folder in which every variant is a preset and an embedder of the same name. */
function writeVariants(): void {
  const manifest = readManifest();
  const [fast, balanced] = [shippedPreset('fast'), shippedPreset('balanced')];
  const dlib = manifest.models.find(({ name }) => name === fast.embedder) as EmbeddingDescriptor;
  mkdirSync(variantsFolder, { recursive: true });
  cpSync(repositoryPath(`public/models/${dlib.name}`), join(variantsFolder, dlib.name), { recursive: true });
  const ownManifest: Manifest = {
    version: 1,
    presets: [balanced, fast, ...variants.map(({ name, preset }) => ({ ...fast, ...preset, name, embedder: name }))],
    models: variants.map(({ name, embedder }) => {
      // The self-check's result holds for the shipped preprocessing only.
      const { selfCheck, ...rest } = dlib;
      return { ...rest, ...embedder, ...(embedder?.preprocessing ? {} : selfCheck && { selfCheck }), name };
    }),
    engines: [],
  };
  writeFileSync(join(variantsFolder, 'manifest.json'), JSON.stringify(ownManifest));
}

function table(rows: [string, ComparedPair[]][]): string {
  const percent = (value: number, digits: number) => (100 * value).toFixed(digits);
  return markdownTable(
    ['', 'accuracy', 'VAL at FAR 10⁻²', 'at 10⁻³', 'EER'],
    rows.map(([name, pairs]) => {
      const { accuracy, val, eer } = summarise(pairs);
      const figures = [`${percent(accuracy.mean, 2)} ± ${percent(accuracy.se, 2)}`, percent(val['1e-2'], 1)];
      return [name, ...figures, percent(val['1e-3'], 1), percent(eer, 2)];
    }),
  );
}
