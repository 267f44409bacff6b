import { markdownTable } from '../kit/markdown.ts';
import { ratioText } from './format.ts';
import { type Ratios, type Report, ratios, type SystemReport } from './report.ts';

/** The minimum ratios to the peers: of a photo with one face, of the same with `fast`, of a photo with ten faces, and of a video. */
export const peerTargets = {
  'face-api': { one: 9, fast: 14, ten: 3.5, video: 10 },
  human: { one: 4, fast: 6, ten: 4.5, video: 4.5 },
} as const;

/** The targets with which the systems of one run are compared, and whether they are met. */
export function targetTable(report: Report, balanced: SystemReport): string {
  return markdownTable(
    ['`balanced`, unless stated otherwise', 'target', 'result', 'met'],
    [...peerRows(report), ...mediaPipeRows(report), ...ownRows(report, balanced), ...memoryRows(report)],
  );
}

/** The speed compared with face-api and with Human. */
function peerRows({ systems, ratios: balanced }: Report): string[][] {
  return Object.entries(peerTargets).flatMap(([name, { one, fast, ten, video }]) => {
    const peer = systems[name];
    const ours = balanced[name];
    if (!peer || !ours) return [];
    const fastRatios = systems.fast && ratios(systems.fast, peer);
    return [
      ratioRow(`image → embedding, compared with ${name}`, one, ours.imageToEmbedding),
      ...(fastRatios ? [ratioRow(`the same, \`fast\`, compared with ${name}`, fast, fastRatios.imageToEmbedding)] : []),
      ratioRow(`10 faces, compared with ${name}`, ten, ours.byFaces['10']?.default),
      ratioRow(`frames per second, compared with ${name}`, video, ours.videoFps),
    ];
  });
}

/** MediaPipe with a network on another runtime: three times as fast, and ahead at the start and in bytes. */
function mediaPipeRows({ ratios: balanced }: Report): string[][] {
  return Object.entries(balanced)
    .filter(([name]) => name.startsWith('mediapipe'))
    .flatMap(([name, ours]: [string, Ratios]) => [
      ratioRow(`image → embedding, compared with ${name}`, 3, ours.imageToEmbedding),
      ratioRow(`10 faces, compared with ${name}`, 3, ours.byFaces['10']?.default),
      ratioRow(`cold start, compared with ${name}`, 1, ours.coldStart),
      ratioRow(`bytes, compared with ${name}`, 1, ours.bytes),
    ]);
}

function ownRows({ attainable, ratios: peers }: Report, { bytes, longestBlock }: SystemReport): string[][] {
  const { gflops, relaxedGflops, embedderGflops } = attainable;
  const share = (100 * (embedderGflops ?? Number.NaN)) / Math.max(gflops, relaxedGflops ?? 0);
  const coldShare = 100 / Math.min(...['face-api', 'human'].map((name) => peers[name]?.coldStart ?? Number.NaN));
  const megabytes = bytes.total / 1e6;
  const block = longestBlock === 0 ? '< 50 ms' : `${longestBlock.toFixed(0)} ms`;
  return [
    row(
      'embedder from the aligned crop, share of the attainable speed',
      '≥ 85 %',
      `${share.toFixed(0)} %`,
      share >= 85,
    ),
    row(
      'cold start, share of the faster of face-api and human',
      '≤ 45 %',
      `${coldShare.toFixed(0)} %`,
      coldShare <= 45,
    ),
    row('bytes, compressed', '≤ 4.2 MB', `${megabytes.toFixed(2)} MB`, megabytes <= 4.2),
    row('longest block of the page’s thread', '≤ 50 ms', block, longestBlock <= 50),
  ];
}

function memoryRows({ memory = [] }: Report): string[][] {
  return memory.map(({ photo, bytes: { balanced = Number.NaN, ...peers } }) => {
    const share = (100 * balanced) / Math.min(...Object.values(peers));
    return row(`memory, ${photo}, share of the smallest peer’s`, '≤ 50 %', `${share.toFixed(0)} %`, share <= 50);
  });
}

function ratioRow(what: string, target: number, ratio = Number.NaN): string[] {
  return row(what, `≥ ${target}×`, ratioText(ratio), ratio >= target);
}

function row(what: string, target: string, result: string, met: boolean): string[] {
  return [what, target, result, met ? 'yes' : 'no'];
}
