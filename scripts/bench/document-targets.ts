import { markdownTable } from '../kit/markdown.ts';
import { ratioText } from './format.ts';
import { type CostedPicture, networkCost, networkCosts } from './network-cost.ts';
import type { Ratios, Report, SystemReport, Threads } from './report.ts';
import { peerTargets, targetTable } from './target-table.ts';

/** The targets of `balanced`, and the results; empty without the peers. */
export function targetsText(report: Report): string {
  const { balanced } = report.systems;
  const [faceApi, human] = [report.ratios['face-api'], report.ratios.human];
  if (!balanced || !faceApi || !human) return '';
  const peers = { faceApi, human };
  return ['## Targets\n', targetTable(report, balanced), costText(report, peers)].join('\n');
}

/** The ratios to both peers. */
interface PeerRatios {
  faceApi: Ratios;
  human: Ratios;
}

/** The calls that have a target in {@link peerTargets}. */
const calls = [
  { target: 'one', preset: 'balanced', kind: 'photo', faces: 1 },
  { target: 'fast', preset: 'fast', kind: 'photo', faces: 1 },
  { target: 'ten', preset: 'balanced', kind: 'photo', faces: 10 },
  { target: 'video', preset: 'balanced', kind: 'video', faces: 1 },
] as const;

/** The time that the arithmetic alone takes, beside the time that the targets allow. */
function costText(report: Report, { faceApi, human }: PeerRatios): string {
  const gflops = peakGflops(report.attainable);
  const gmacOf = (preset: string, picture: CostedPicture) =>
    networkCosts(preset, picture).reduce((sum, { runs, gmac }) => sum + runs * gmac, 0);
  const rows = calls.map(({ target, preset, kind, faces }) => {
    const gmac = gmacOf(preset, { kind, faces });
    const took = timeOf(report.systems[preset], kind, faces);
    const allowed = Object.entries(peerTargets).map(
      ([peer, targets]) => timeOf(report.systems[peer], kind, faces) / targets[target],
    );
    const times = [(2 * gmac * 1000) / gflops, took, ...allowed].map((ms) => ms.toFixed(0));
    return [`\`${preset}\`, ${kind}, ${plural(faces)}`, gmac.toFixed(2), ...times];
  });
  return [
    `The arithmetic of the networks, in 10⁹ multiply-adds and at the attainable ${gflops.toFixed(0)} GFLOP/s, beside the`,
    'measured time and the time that each target allows, in ms. A target below the arithmetic cannot be',
    'reached with these networks.\n',
    markdownTable(['call', 'GMAC', 'arithmetic', 'measured', 'target, face-api', 'target, human'], rows),
    'A photo with one face runs these networks in `balanced`:\n',
    ...networkCosts('balanced', { kind: 'photo', faces: 1 }).map(
      (cost) => `- ${cost.name} ${cost.runs}× (${cost.gmac.toFixed(3)} GMAC)`,
    ),
    '\nThe rest of the time is drawing the picture and reading its pixels, reducing it, cutting the crops',
    'out of it, and the transfer to the worker and back ([where the time goes](#where-the-time-goes)).',
    '(Winograd’s minimal filtering saves some of the arithmetic, at the cost of additions and memory',
    'traffic.)\n',
    'Six runs of blazeface-short search tiles, for faces of 25 pixels, which the peers do not find.',
    '[Decision 048](decisions/048-tiles.md) says why no tile is left out. face-api runs 0.27 GMAC for its',
    'descriptor once, on one crop. `balanced` also embeds the mirror image, and',
    'searches for rolled heads, for its accuracy ([accuracy.md](accuracy.md),',
    `[detection.md](detection.md)). On upright heads alone, like the peers, it is ${ratioText(faceApi.imageToEmbeddingUpright)} face-api and`,
    `${ratioText(human.imageToEmbeddingUpright)} human.\n`,
  ].join('\n');
}

/** The median time of a call, in milliseconds; of a video, the mean time of a frame. */
function timeOf(system: SystemReport | undefined, kind: CostedPicture['kind'], faces: 1 | 10): number {
  if (kind === 'video') return 1000 / (system?.videoFps ?? Number.NaN);
  return system?.imageToEmbedding[`${faces}`]?.median ?? Number.NaN;
}

function plural(faces: number): string {
  return faces === 1 ? 'one face' : `${faces} faces`;
}

/** What MediaPipe's call computes for one face, and what it finds; empty if it was not measured. */
export function mediaPipeText({ systems, attainable }: Report): string {
  const names = Object.keys(systems).filter((name) => name.startsWith('mediapipe'));
  if (names.length === 0) return '';
  const gmac = ['blazeface-short', 'facemesh-468', 'mobilefacenet'].reduce((sum, name) => sum + networkCost(name), 0);
  const found = names.map((name) => {
    const { faces } = (systems[name] as SystemReport).answers;
    return `\`${name}\` ${faces['3']} of 3 and ${faces['10']} of 10`;
  });
  return [
    `MediaPipe runs its detector, the mesh and MobileFaceNet once for a face: ${gmac.toFixed(2)} GMAC,`,
    `${((2 * gmac * 1000) / peakGflops(attainable)).toFixed(0)} ms at the attainable speed. It does not search tiles or`,
    'rotated views, and misses smaller faces. Faces found:',
    `${found.join(', ')}.\n`,
  ].join('\n');
}

/** The higher of the speeds with plain and with relaxed SIMD. */
function peakGflops({ gflops, relaxedGflops }: Report['attainable']): number {
  return Math.max(gflops, relaxedGflops ?? 0);
}

/** The peak floating-point speed, and the share of it that the embedder reaches. */
export function attainableText({ attainable, ratiosOf, machine }: Report): string {
  const { gflops, relaxedGflops, twoThreadsGflops, embedderGflops, embeddingGmac } = attainable;
  const relaxed =
    relaxedGflops === null ? '' : `, and ${relaxedGflops.toFixed(1)} with relaxed SIMD’s fused multiply-add`;
  const reached =
    embedderGflops === null || embeddingGmac === null
      ? ''
      : `

\`${ratiosOf}\` needs ${embeddingGmac.toFixed(3)} GMAC, ${(2 * embeddingGmac).toFixed(3)} GFLOP, to embed an aligned face, and takes ${((2000 * embeddingGmac) / embedderGflops).toFixed(1)} ms for it:
${embedderGflops.toFixed(1)} GFLOP/s, ${(Math.max(gflops, relaxedGflops ?? 0) / embedderGflops).toFixed(2)} times the time at the attainable speed. (Winograd’s
minimal filtering needs fewer multiplications than are counted here, so the factor can be below 1.)`;
  return `## Attainable speed

A loop of SIMD multiplications and additions on twelve independent chains, all in registers, reaches
${gflops.toFixed(1)} GFLOP/s on one thread of this machine${relaxed}.${reached}

Two such loops in parallel, plain SIMD in two workers, reach ${twoThreadsGflops.toFixed(1)} GFLOP/s together, ${(twoThreadsGflops / gflops).toFixed(2)} times as
much as one. This is the maximum gain of a second WebAssembly thread while nothing else uses the
other of the ${machine.cores} cores.
`;
}

/** One thread compared with two. */
export function threadsText(threads: Threads, cores: number): string {
  const rows = Object.entries(threads).map(([faces, { one, two }]) => [
    faces,
    one.toFixed(0),
    two.toFixed(0),
    ratioText(one / two),
  ]);
  return `## Threads

Everything above runs on one thread. On a cross-origin isolated page the networks can share memory:
\`balanced\` on one thread and on two (\`threads: 2\`), alternately, with bit-identical answers. The
default is half as many threads as cores, at most four: here ${Math.max(1, Math.min(4, Math.floor(cores / 2)))}.

${markdownTable(['faces', 'one thread, ms', 'two threads, ms', 'speed-up'], rows)}`;
}
