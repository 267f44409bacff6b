// npm run evaluate -- --data DIR …: the LFW protocol on the built library in headless Chromium, beside its peers.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { probabilityAt, thresholdFor } from '../lib/comparison/calibration.ts';
import { distances } from '../lib/comparison/distance.ts';
import {
  countAccepts,
  expectedCalibrationError,
  type FoldedPair,
  falseAcceptRate,
  fitCalibration,
  type LabelledPair,
  parsePairs,
  photoPath,
  type ScoredPair,
} from '../lib/evaluation/index.ts';
import type { Manifest } from '../lib/models/manifest.ts';
import { launchChromium, serveLibrary } from './browser.ts';
import { buildLibrary } from './build.ts';
import { embedImages, type ImageResult } from './evaluation/embeddings.ts';
import { peers } from './evaluation/peers.ts';
import { type JudgedPair, type Summary, summarise } from './evaluation/summary.ts';
import { faceNet, type Protocol } from './evaluation/systems.ts';

const usage = `usage: npm run evaluate -- --data DIR [--protocol detector|centre] [--preset NAME] [--folds 1-4] [--limit N]
       [--peers] [--json FILE] [--calibrate]

DIR has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg.
--limit      the first N pairs of each fold
--peers      face-api and Human over the same images
--json       writes the figures and all scores
--calibrate  fits the preset's calibration and writes it into scripts/models/calibrations.json`;

const root = fileURLToPath(new URL('..', import.meta.url));

main().then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  },
);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      protocol: { type: 'string', default: 'detector' },
      preset: { type: 'string', default: 'balanced' },
      folds: { type: 'string' },
      limit: { type: 'string' },
      peers: { type: 'boolean', default: false },
      json: { type: 'string' },
      calibrate: { type: 'boolean', default: false },
    },
  });
  const { preset } = values;
  if (!values.data || (values.protocol !== 'detector' && values.protocol !== 'centre')) throw new Error(usage);
  const protocol: Protocol = values.protocol;
  const data = resolve(process.env.INIT_CWD ?? '.', values.data);
  const pairs = choosePairs(readPairs(data), values.folds, values.limit);
  const paths = [...new Set(pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)]))];
  const missing = paths.filter((path) => !existsSync(join(data, 'images', path)));
  if (missing.length > 0) throw new Error(`${missing.length} photos are missing, first images/${missing[0]}.`);

  buildLibrary();
  const manifest = JSON.parse(readFileSync(join(root, 'public/models/manifest.json'), 'utf8')) as Manifest;
  const recipe = manifest.presets?.find(({ name }) => name === preset);
  const model = manifest.models.find(({ name }) => name === recipe?.embedder);
  if (!recipe || model?.task !== 'embedding') {
    throw new Error(`--preset is "${preset}": use ${manifest.presets?.map(({ name }) => `"${name}"`).join(', ')}.`);
  }

  const chosen = values.peers ? peers() : [];
  const folders = Object.assign({}, ...chosen.map((peer) => peer.folders)) as Record<string, string>;
  const mounts = Object.entries(folders).map(([address, folder]) => [address, join(root, folder)] as const);
  const server = await serveLibrary({ '/photos': join(data, 'images'), ...Object.fromEntries(mounts) });
  const browser = await launchChromium();
  const addresses = new Map(paths.map((path) => [path, `/photos/${path}`]));
  try {
    const results = await embedImages(browser, server, faceNet(server.url, preset, protocol), addresses);
    const judged = judge(pairs, results, distances[model.metric]);
    const undetected = protocol === 'centre' ? 0 : [...results.values()].filter(({ detected }) => !detected).length;
    const scored = judged.filter((pair): pair is JudgedPair & FoldedPair => pair.distance !== null);
    const calibration = heldOutCalibration(scored, results, distances[model.metric]);

    const report = {
      preset,
      protocol,
      pairs: pairs.length,
      images: paths.length,
      undetected,
      ...summarise(judged),
      ece: calibration.ece,
      realisedFar: calibration.realisedFar,
      msPerImage: median([...results.values()].map(({ milliseconds }) => milliseconds)),
      scores: scored.map((pair) => ({ ...pair, probability: probabilityAt(pair.distance, recipe.calibration) })),
      peers: {} as Record<string, Summary & { undetected: number; withoutUndetected: Summary; ownThreshold: number }>,
    };
    for (const peer of chosen) {
      const found = await embedImages(browser, server, peer, addresses);
      const peerJudged = judge(pairs, found, peer.distance);
      const seen = peerJudged.filter(({ distance }) => distance !== null);
      const atOwn = seen.filter(({ distance, same }) => (distance as number) <= peer.threshold === same).length;
      report.peers[peer.name] = {
        ...summarise(peerJudged),
        undetected: [...found.values()].filter(({ detected }) => !detected).length,
        withoutUndetected: summarise(seen),
        ownThreshold: atOwn / seen.length,
      };
    }
    process.stdout.write(table(report));
    if (values.json) writeFileSync(resolve(process.env.INIT_CWD ?? '.', values.json), JSON.stringify(report));
    if (values.calibrate)
      writeCalibration(preset, [...scored.filter(({ same }) => same), ...strangers(results, distances[model.metric])]);
  } finally {
    await browser.close();
    await server.close();
  }
}

function readPairs(data: string): LabelledPair[] {
  const file = join(data, 'pairs.txt');
  if (!existsSync(file)) throw new Error(`${file} is missing: --data is a folder with pairs.txt and images/.`);
  return parsePairs(readFileSync(file, 'utf8'));
}

/** The pairs of some folds ("1-4", "2"), and of each no more than a number, half of them of one person. */
function choosePairs(pairs: LabelledPair[], folds: string | undefined, limit: string | undefined): LabelledPair[] {
  const [first = 1, last = first] = folds?.split('-').map(Number) ?? [1, Number.POSITIVE_INFINITY];
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  if (!(first >= 1 && last >= first && most >= 2)) throw new Error(usage);
  const taken = new Map<string, number>();
  return pairs.filter(({ fold, same }) => {
    if (fold < first || fold > last) return false;
    const key = `${fold} ${same}`;
    const count = (taken.get(key) ?? 0) + 1;
    taken.set(key, count);
    return count <= most / 2;
  });
}

type Distance = (a: number[], b: number[]) => number;

function judge(
  pairs: readonly LabelledPair[],
  results: ReadonlyMap<string, ImageResult>,
  distance: (a: never, b: never) => number,
): JudgedPair[] {
  return pairs.map(({ fold, same, a, b }) => {
    const [pathA, pathB] = [photoPath(a), photoPath(b)];
    const [x, y] = [results.get(pathA)?.embedding, results.get(pathB)?.embedding];
    return { fold, same, a: pathA, b: pathB, distance: x && y ? (distance as Distance)(x, y) : null };
  });
}

/** How calibrated the library is towards people it was not fitted to: each fold by a calibration of the others. */
function heldOutCalibration(
  pairs: readonly (JudgedPair & FoldedPair)[],
  results: ReadonlyMap<string, ImageResult>,
  distance: (a: never, b: never) => number,
) {
  const folds = [...new Set(pairs.map(({ fold }) => fold))];
  const judged: { probability: number; same: boolean }[] = [];
  const accepted: Record<'1e-2' | '1e-3', number[]> = { '1e-2': [], '1e-3': [] };
  for (const fold of folds) {
    const held = pairs.filter((pair) => pair.fold === fold);
    const others = folds.length > 1 ? pairs.filter((pair) => pair.fold !== fold) : held;
    const people = new Set(others.flatMap(({ a, b }) => [a, b]));
    const fitted = fitCalibration([
      ...others.filter(({ same }) => same),
      ...strangers(new Map([...results].filter(([path]) => people.has(path))), distance),
    ]);
    judged.push(...held.map(({ distance: d, same }) => ({ probability: probabilityAt(d, fitted), same })));
    for (const far of ['1e-2', '1e-3'] as const) {
      const reached = fitted.thresholds.at(-1)?.far ?? 1;
      if (Number(far) < reached) continue;
      accepted[far].push(falseAcceptRate(countAccepts(held, thresholdFor(Number(far), fitted))));
    }
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    ece: expectedCalibrationError(judged),
    realisedFar: { '1e-2': mean(accepted['1e-2']), '1e-3': mean(accepted['1e-3']) },
  };
}

/** The most pairs of strangers that are compared: enough for a false-accept rate of one in a hundred thousand. */
const mostStrangers = 2_000_000;

/** Pairs of two people, made of all the images: many more than a protocol lists, since rare accepts need many chances. */
function strangers(results: ReadonlyMap<string, ImageResult>, distance: (a: never, b: never) => number): ScoredPair[] {
  const faces = [...results].flatMap(([path, { embedding }]) =>
    embedding ? [{ person: path.split('/')[0], embedding: Float32Array.from(embedding) }] : [],
  );
  const step = Math.max(1, Math.ceil((faces.length * (faces.length - 1)) / 2 / mostStrangers));
  const pairs: ScoredPair[] = [];
  let next = 0;
  faces.forEach((a, i) => {
    for (let j = i + 1; j < faces.length; j++) {
      const b = faces[j] as typeof a;
      if (next++ % step !== 0 || a.person === b.person) continue;
      pairs.push({
        same: false,
        distance: (distance as (x: Float32Array, y: Float32Array) => number)(a.embedding, b.embedding),
      });
    }
  });
  return pairs;
}

function writeCalibration(preset: string, pairs: readonly ScoredPair[]): void {
  const file = join(root, 'scripts/models/calibrations.json');
  const calibrations = JSON.parse(readFileSync(file, 'utf8'));
  const { logOdds, thresholds } = fitCalibration(pairs);
  const digits = (value: number) => Number(value.toPrecision(4));
  calibrations[preset] = {
    logOdds: logOdds.map(digits),
    thresholds: thresholds.map(({ far, distance }) => ({ far, distance: digits(distance) })),
  };
  writeFileSync(file, `${JSON.stringify(calibrations, null, 2)}\n`);
  process.stderr.write('The calibration is written; "npm run models" puts it into the manifest.\n');
}

interface Report extends Summary {
  preset: string;
  protocol: Protocol;
  pairs: number;
  images: number;
  undetected: number;
  ece: number;
  realisedFar: { '1e-2': number; '1e-3': number };
  msPerImage: number;
  peers: Record<string, Summary & { undetected: number; withoutUndetected: Summary; ownThreshold: number }>;
}

function table(report: Report): string {
  const percent = (value: number, digits = 2) => (Number.isFinite(value) ? (100 * value).toFixed(digits) : '–');
  const row = (name: string, summary: Summary, undetected: string) =>
    [
      name.padEnd(34),
      `${percent(summary.accuracy.mean)} ± ${percent(summary.accuracy.se)}`.padStart(14),
      ...(['1e-1', '1e-2', '1e-3'] as const).map((far) => percent(summary.val[far], 1).padStart(9)),
      percent(summary.auc, 3).padStart(8),
      percent(summary.eer).padStart(6),
      undetected.padStart(11),
    ].join(' ');
  const heads = ['accuracy', 'VAL@1e-1', 'VAL@1e-2', 'VAL@1e-3', 'AUC', 'EER', 'undetected'];
  const widths = [14, 9, 9, 9, 8, 6, 11];
  const lines = [
    `${report.pairs} pairs, ${report.images} images; protocol: ${report.protocol}; all in %`,
    [''.padEnd(34), ...heads.map((head, i) => head.padStart(widths[i] as number))].join(' '),
    row(`facenet-web (${report.preset})`, report, String(report.undetected)),
  ];
  for (const [name, peer] of Object.entries(report.peers)) {
    lines.push(row(name, peer, String(peer.undetected)));
    lines.push(row('  on the pairs that it sees', peer.withoutUndetected, ''));
    lines.push(`  at its own threshold, on those:  ${percent(peer.ownThreshold)}`);
  }
  lines.push(
    `calibration, held out: expected error ${percent(report.ece)} %; realised FAR ${percent(report.realisedFar['1e-2'])} % at 1 %, ${percent(report.realisedFar['1e-3'], 3)} % at 0.1 %`,
    `${report.msPerImage.toFixed(0)} ms per image (median, this machine)`,
  );
  return `${lines.join('\n')}\n`;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
