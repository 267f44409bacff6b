// npm run ablation: measures the effect of each choice in the way of embedding, one at a time, with the LFW protocol.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { EmbeddingDescriptor, Manifest, Preset } from '../../lib/models/manifest.ts';
import { withBrowser } from '../kit/browser.ts';
import { buildLibrary, builtCodeHash } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { folderImages, imageUrl, serveImages } from '../kit/datasets/serve.ts';
import { embedImages } from '../kit/lfw/embed-images.ts';
import { choosePairs, photoPathsOf, readPairs } from '../kit/lfw/pairs.ts';
import { readManifest, shippedPreset } from '../kit/manifest.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath, userPath } from '../kit/paths.ts';
import { variantSystem } from './page.ts';
import { type Row, rowsOf } from './rows.ts';
import { referencePoints, type Variant, variants } from './variants.ts';

const usage = `usage: npm run ablation -- --data DIR [--limit N] [--write]

DIR      has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg
--limit  uses the first N pairs of each fold only
--write  writes the table into docs/accuracy.md`;

/** The folder of a manifest that has a preset for each way of cutting and embedding crops. */
const presetsFolder = repositoryPath('.cache/ablation');

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, limit: { type: 'string' }, write: { type: 'boolean', default: false } },
  });
  if (!values.data) throw new Error(usage);
  const data = userPath(values.data);
  const pairs = choosePairs(readPairs(data), undefined, values.limit);
  const paths = photoPathsOf(pairs);
  buildLibrary();
  writePresets();
  const results = await withBrowser(
    {
      folders: { '/presets': presetsFolder },
      handlers: { '/photos': serveImages(folderImages(join(data, 'images'), paths)) },
    },
    (session) => {
      const { url } = session.server;
      const system = variantSystem([builtCodeHash(), variants], {
        library: `${url}dist/facenet-web.js`,
        models: [`${url}presets/`, `${url}models/`],
        variants: variants.map((variant) => ({ ...variant, preset: presetOf(variant).name })),
        referencePoints,
      });
      return embedImages(session, system, new Map(paths.map((path) => [path, `/photos/${imageUrl(path)}`])));
    },
  );
  const text = table(rowsOf(pairs, results));
  process.stdout.write(text);
  if (values.write) writeSection(repositoryPath('docs/accuracy.md'), 'ablation', text);
  return undefined;
}

/** The preset of a variant's network and crops. Its landmarker is not used. */
function presetOf({ embedder = 'mobilefacenet', crops }: Variant): Preset {
  const { zooms, mirrored } = { zooms: [1], mirrored: true, ...crops };
  // The zooms of the variants are relative to the template, those of a preset to the embedder's crops.
  const model = readManifest().models.find(({ name }) => name === embedder) as EmbeddingDescriptor;
  const relative = zooms.map((zoom) => zoom / (model.zoom ?? 1));
  const name = JSON.stringify([embedder, zooms, mirrored]);
  return { ...shippedPreset('fast'), name, embedder, zooms: relative, mirrored };
}

/** Writes a models folder with the presets of the variants, and those of the landmarks. */
function writePresets(): void {
  const fast = shippedPreset('fast');
  const landmarks: Preset[] = [
    { ...fast, name: 'one pass', landmarkPasses: 1 },
    { ...fast, name: 'two passes', landmarkPasses: 2 },
  ];
  const manifest: Manifest = {
    version: 1,
    presets: [...landmarks, ...variants.map(presetOf)],
    models: [],
    engines: [],
  };
  mkdirSync(presetsFolder, { recursive: true });
  writeFileSync(join(presetsFolder, 'manifest.json'), JSON.stringify(manifest));
}

function table(rows: readonly Row[]): string {
  const percent = (value: number, digits: number) => (100 * value).toFixed(digits);
  return markdownTable(
    ['', 'accuracy', 'VAL at FAR 10⁻³', 'at 10⁻⁴'],
    rows.map(({ name, accuracy, allPairs: { val } }) => {
      const rates = [val['1e-3'], val['1e-4']].map(
        (rate) => `${percent(rate.val, 1)} [${percent(rate.low, 1)}, ${percent(rate.high, 1)}]`,
      );
      return [name, `${percent(accuracy.mean, 2)} ± ${percent(accuracy.se, 2)}`, ...rates];
    }),
  );
}
