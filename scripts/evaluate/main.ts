// npm run evaluate -- --data DIR …: the LFW protocol on the built library in headless Chromium, beside its peers.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { probabilityAt } from '../../lib/comparison/calibration.ts';
import { distances } from '../../lib/comparison/distance.ts';
import type { Calibration } from '../../lib/core/types.ts';
import { type FoldedPair, fitCalibration, type LabelledPair, photoPath } from '../../lib/evaluation/index.ts';
import { launchChromium, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { type Distance, heldOutCalibration, strangers } from '../kit/lfw/calibrate.ts';
import { embedImages, type ImageResult } from '../kit/lfw/embeddings.ts';
import { choosePairs, readPairs } from '../kit/lfw/pairs.ts';
import { peers } from '../kit/lfw/peers.ts';
import { type JudgedPair, summarise } from '../kit/lfw/summary.ts';
import { chooseRecipe, faceNet, type Protocol, type Recipe } from '../kit/lfw/systems.ts';
import { writeCurves } from './curves.ts';
import { type Report, table } from './report.ts';

const usage = `usage: npm run evaluate -- --data DIR [--protocol detector|centre] [--preset NAME] [--folds 1-4] [--limit N]
       [--detector NAME] [--embedder MANIFEST] [--peers] [--json FILE] [--calibrate] [--curves]

DIR has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg.
--limit      the first N pairs of each fold
--detector   another detector than the preset's
--embedder   an embedder of your own in place of the preset's: the manifest that "npm run models:add" wrote
--peers      face-api and Human over the same images
--json       writes the figures and all scores
--calibrate  fits the calibration and writes it into scripts/prepare/calibrations.json, or into your embedder's manifest
--curves     writes what each distance accepts into demo/views/lab/accuracy.json, which the demo's Lab draws`;

const root = fileURLToPath(new URL('../..', import.meta.url));

runCommand(main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      protocol: { type: 'string', default: 'detector' },
      preset: { type: 'string', default: 'balanced' },
      detector: { type: 'string' },
      embedder: { type: 'string' },
      folds: { type: 'string' },
      limit: { type: 'string' },
      peers: { type: 'boolean', default: false },
      json: { type: 'string' },
      calibrate: { type: 'boolean', default: false },
      curves: { type: 'boolean', default: false },
    },
  });
  if (!values.data || (values.protocol !== 'detector' && values.protocol !== 'centre')) throw new Error(usage);
  const protocol: Protocol = values.protocol;
  const data = resolve(process.env.INIT_CWD ?? '.', values.data);
  const pairs = choosePairs(readPairs(data), values.folds, values.limit);
  const paths = [...new Set(pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)]))];
  const missing = paths.filter((path) => !existsSync(join(data, 'images', path)));
  if (missing.length > 0) throw new Error(`${missing.length} photos are missing, first images/${missing[0]}.`);

  buildLibrary();
  const recipe = chooseRecipe(values.preset, values.embedder && resolve(process.env.INIT_CWD ?? '.', values.embedder));
  const distance: Distance = distances[recipe.metric];

  const chosen = values.peers ? peers() : [];
  const folders = Object.assign({}, ...chosen.map((peer) => peer.folders)) as Record<string, string>;
  const mounts = Object.entries(folders).map(([address, folder]) => [address, join(root, folder)] as const);
  const server = await serveLibrary({
    '/photos': join(data, 'images'),
    ...(recipe.folder && { '/own': recipe.folder }),
    ...Object.fromEntries(mounts),
  });
  const browser = await launchChromium();
  const addresses = new Map(paths.map((path) => [path, `/photos/${path}`]));
  try {
    const results = await embedImages(
      browser,
      server,
      faceNet(server.url, recipe, protocol, values.detector),
      addresses,
    );
    const judged = judge(pairs, results, distance as never);
    const undetected = protocol === 'centre' ? 0 : [...results.values()].filter(({ detected }) => !detected).length;
    const scored = judged.filter((pair): pair is JudgedPair & FoldedPair => pair.distance !== null);
    const calibration = heldOutCalibration(scored, results, distance);

    const poorest = poorestTenth(judged, results);

    const report: Report & { scores: unknown[] } = {
      preset: recipe.name,
      protocol,
      pairs: pairs.length,
      images: paths.length,
      undetected,
      ...summarise(judged),
      ...calibration,
      ...(poorest && { withoutPoorest: summarise(judged.filter((pair) => !poorest.has(pair))) }),
      msPerImage: median([...results.values()].map(({ milliseconds }) => milliseconds)),
      scores: scored.map((pair) => ({
        ...pair,
        probability: recipe.calibration ? probabilityAt(pair.distance, recipe.calibration) : null,
      })),
      peers: {},
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
    if (values.calibrate || values.curves) {
      const all = [...scored.filter(({ same }) => same), ...strangers(results, distance)];
      if (values.calibrate) writeCalibration(recipe, fitCalibration(all));
      if (values.curves) writeCurves(join(root, 'demo/views/lab/accuracy.json'), report, all);
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

function judge(
  pairs: readonly LabelledPair[],
  results: ReadonlyMap<string, ImageResult>,
  distance: (a: number[], b: number[]) => number,
): JudgedPair[] {
  return pairs.map(({ fold, same, a, b }) => {
    const [pathA, pathB] = [photoPath(a), photoPath(b)];
    const [x, y] = [results.get(pathA)?.embedding, results.get(pathB)?.embedding];
    return { fold, same, a: pathA, b: pathB, distance: x && y ? distance(x, y) : null };
  });
}

/** The tenth of the pairs whose poorer face has the lowest quality; nothing where qualities are not told. */
function poorestTenth(
  pairs: readonly JudgedPair[],
  results: ReadonlyMap<string, ImageResult>,
): Set<JudgedPair> | undefined {
  if (![...results.values()].some(({ quality }) => quality)) return undefined;
  const of = ({ a, b }: JudgedPair) => Math.min(...[a, b].map((path) => results.get(path)?.quality?.overall ?? 0));
  return new Set([...pairs].sort((x, y) => of(x) - of(y)).slice(0, pairs.length / 10));
}

/** Writes a calibration to where it belongs: beside the recipes of the presets, or into the manifest of one's own model. */
function writeCalibration({ name, manifest }: Recipe, { logOdds, thresholds }: Calibration): void {
  const digits = (value: number) => Number(value.toPrecision(4));
  const calibration = {
    logOdds: logOdds.map(digits),
    thresholds: thresholds.map(({ far, distance }) => ({ far, distance: digits(distance) })),
  };
  const file = manifest ?? join(root, 'scripts/prepare/calibrations.json');
  const content = JSON.parse(readFileSync(file, 'utf8'));
  if (manifest) content.models.find((model: { name: string }) => model.name === name).calibration = calibration;
  else content[name] = calibration;
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  const next = manifest ? '' : ' "npm run models" puts it into the manifest.';
  process.stderr.write(`The calibration is written.${next}\n`);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
