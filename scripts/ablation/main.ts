// npm run ablation -- --data DIR [--limit N] [--write]: what each choice in the way of embedding gains, one at a time, with the LFW
// protocol; --write keeps the table in docs/accuracy.md.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cosineDistance, euclideanDistance } from '../../lib/comparison/distance.ts';
import { photoPath } from '../../lib/evaluation/index.ts';
import type { EmbeddingDescriptor, Manifest, Preset } from '../../lib/models/manifest.ts';
import { launchChromium, serveLibrary } from '../kit/browser.ts';
import { buildLibrary, builtCode } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { embedImages, type System } from '../kit/lfw/embeddings.ts';
import { choosePairs, readPairs } from '../kit/lfw/pairs.ts';
import { type JudgedPair, summarise } from '../kit/lfw/summary.ts';
import { fuse, whiten } from './learned.ts';
import { type AllWays, embedAllWays, startAllWays } from './page.ts';
import { variants } from './recipes.ts';

const usage = `usage: npm run ablation -- --data DIR [--limit N] [--write]

DIR has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg.
--limit  the first N pairs of each fold`;

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The folder of a manifest that has every variant as a preset and an embedder. */
const folder = join(root, '.cache/ablation');
const second = { name: 'faceres', folder: join(root, '.cache/ablation-second') };

runCommand(main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, limit: { type: 'string' }, write: { type: 'boolean', default: false } },
  });
  if (!values.data) throw new Error(usage);
  const data = resolve(process.env.INIT_CWD ?? '.', values.data);
  const pairs = choosePairs(readPairs(data), undefined, values.limit);
  buildLibrary();
  writeVariants();

  const server = await serveLibrary({ '/photos': join(data, 'images'), '/variants': folder, '/second': second.folder });
  const browser = await launchChromium();
  try {
    const system: System<AllWays> = {
      name: 'ablation',
      identity: [builtCode(), variants],
      start: startAllWays,
      embed: embedAllWays,
      options: {
        library: `${server.url}dist/facenet-web.js`,
        models: ['variants/', 'second/', 'models/'].map((path) => `${server.url}${path}`),
        variants,
        second: second.name,
      },
    };
    const paths = [...new Set(pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)]))];
    const results = await embedImages(browser, server, system, new Map(paths.map((path) => [path, `/photos/${path}`])));

    const judged = (distance: (a: NonNullable<AllWays>, b: NonNullable<AllWays>) => number): JudgedPair[] =>
      pairs.map(({ fold, same, a, b }) => {
        const [pathA, pathB] = [photoPath(a), photoPath(b)];
        const [x, y] = [results.get(pathA), results.get(pathB)];
        return { fold, same, a: pathA, b: pathB, distance: x && y ? distance(x, y) : null };
      });
    const vector = (values: number[] | undefined) => Float32Array.from(values ?? []);
    const by = (i: number) => judged((a, b) => euclideanDistance(vector(a.embeddings[i]), vector(b.embeddings[i])));
    const faceres = judged((a, b) => cosineDistance(vector(a.second), vector(b.second)));
    const balanced = variants.findIndex(({ name }) => name.includes('(balanced)'));
    const embeddings = new Map([...results].map(([path, result]) => [path, result?.embeddings[balanced]]));
    const rows: [string, JudgedPair[]][] = [
      ...variants.map(({ name }, i): [string, JudgedPair[]] => [name, by(i)]),
      ['balanced, whitened within people, fitted on the other folds', whiten(by(balanced), embeddings)],
      ['faceres alone, with the mirror image', faceres],
      ['balanced and faceres, scores added, weight fitted on the other folds', fuse(by(balanced), faceres)],
    ];
    const text = table(rows);
    process.stdout.write(text);
    if (values.write) writeBetweenMarks(join(root, 'docs/accuracy.md'), 'ablation', text);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Writes a models folder in which every variant is a preset and an embedder of its name. */
function writeVariants(): void {
  const manifest = JSON.parse(readFileSync(join(root, 'public/models/manifest.json'), 'utf8')) as Manifest;
  const fast = manifest.presets?.find(({ name }) => name === 'fast') as Preset;
  const balanced = manifest.presets?.find(({ name }) => name === 'balanced') as Preset;
  const dlib = manifest.models.find(({ name }) => name === fast.embedder) as EmbeddingDescriptor;
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'public/models', dlib.name), join(folder, dlib.name), { recursive: true });
  const own: Manifest = {
    version: 1,
    presets: [balanced, fast, ...variants.map(({ name, preset }) => ({ ...fast, ...preset, name, embedder: name }))],
    models: variants.map(({ name, embedder }) => {
      // Its known answer is for the picture that the shipped preprocessing makes.
      const { selfCheck, ...rest } = dlib;
      return { ...rest, ...embedder, ...(embedder?.preprocessing ? {} : selfCheck && { selfCheck }), name };
    }),
    engines: [],
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(own));
}

function table(rows: [string, JudgedPair[]][]): string {
  const percent = (value: number, digits: number) => (100 * value).toFixed(digits);
  return [
    '| | accuracy | VAL at FAR 10⁻² | at 10⁻³ | EER |',
    '|-|-|-|-|-|',
    ...rows.map(([name, pairs]) => {
      const { accuracy, val, eer } = summarise(pairs);
      const figures = [`${percent(accuracy.mean, 2)} ± ${percent(accuracy.se, 2)}`, percent(val['1e-2'], 1)];
      return `| ${[name, ...figures, percent(val['1e-3'], 1), percent(eer, 2)].join(' | ')} |`;
    }),
    '',
  ].join('\n');
}
