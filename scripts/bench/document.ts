import { colours, linesPlot } from '../kit/plots.ts';
import { networkShares } from './arithmetic.ts';
import { sceneNames } from './page.ts';
import { embedderGmac, type Report, type Spread, type SystemReport } from './report.ts';
import type { Scale } from './scale.ts';
import type { Threads } from './threads.ts';

/** The figures as tables in Markdown. */
export function tables(report: Report): string {
  const systems = Object.entries(report.systems);
  return [
    ratioTable(report),
    targetsText(report),
    '## Image → embedding\n',
    'Milliseconds for a photo of 640×480 pixels with one, three and ten faces: median (min–max).\n',
    table(
      ['system', ...sceneNames.map((scene) => `${scene} face${scene === '1' ? '' : 's'}`), 'frames/s of video'],
      systems.flatMap(([name, system]) => {
        const row = (label: string, times: SystemReport['imageToEmbedding'], fps: string) => [
          label,
          ...sceneNames.map((scene) => span(times[scene])),
          fps,
        ];
        const { imageToEmbedding, imageToEmbeddingUpright: upright, videoFps } = system;
        const rows = [row(labelOf(name, system), imageToEmbedding, videoFps === null ? '–' : videoFps.toFixed(1))];
        return upright ? [...rows, row(`${name}, \`thorough: false\``, upright, '')] : rows;
      }),
    ),
    '## Start, bytes, memory\n',
    'From an empty page to the first embedding, with empty caches (cold) and with full ones (warm):',
    'median (min–max). The longest block is the longest task of the page’s thread until then and in the',
    'first five frames of video. Bytes are as served, compressed. The heap is the peak of heaps and',
    'buffers of the page and its worker.\n',
    table(
      [
        'system',
        'starts',
        'cold, ms',
        'warm, ms',
        'longest block, ms',
        'JS, kB',
        'wasm, kB',
        'weights, kB',
        'total, MB',
        'tensors',
        'heap, MB',
      ],
      systems.map(([name, { starts, longestBlock, bytes, tensors, peakMemory }]) => [
        name,
        String(starts.count),
        span(starts.cold),
        span(starts.warm),
        longestBlock === 0 ? '< 50' : longestBlock.toFixed(0),
        ...[bytes.js, bytes.wasm, bytes.weights].map((size) => (size / 1e3).toFixed(0)),
        (bytes.total / 1e6).toFixed(2),
        String(tensors),
        (peakMemory / 1e6).toFixed(0),
      ]),
    ),
    '## Stages\n',
    'Milliseconds on the photo with one face, each stage with the result of the previous one: median\n(min–max).\n',
    ...systems
      .filter(([, { stages }]) => Object.keys(stages).length > 0)
      .map(
        ([name, { stages }]) =>
          `- **${name}**: ${Object.entries(stages)
            .map(([stage, time]) => `${stage} ${span(time)}`)
            .join(', ')}`,
      ),
    '',
    attainableText(report),
    ...(report.threads ? [threadsText(report.threads, report.machine.cores)] : []),
    ...(report.scale ? [scaleText(report.scale)] : []),
    '## Answers\n',
    'Results are checked before and after the measurement: the number of faces that each system embeds in',
    'the three photos, and the distance between two pictures of one face by its own measure, with its own',
    'threshold.\n',
    table(
      ['system', ...sceneNames.map((scene) => `of ${scene}`), 'distance', 'threshold'],
      systems.map(
        ([
          name,
          {
            answers: { faces, distance, threshold },
          },
        ]) => [
          name,
          ...sceneNames.map((scene) => String(faces[scene] ?? '–')),
          distance.toFixed(3),
          threshold.toFixed(3),
        ],
      ),
    ),
    ...Object.entries(report.notStarted).map(([name, reason]) => `Not measured: ${name} (${reason}).\n`),
  ].join('\n');
}

/** docs/performance.md. */
export function document(report: Report): string {
  const { cpu, cores, browser } = report.machine;
  return `# Performance

\`\`\`sh
npm run bench                                                     # everything, and writes this page
npm run bench -- --only fast,face-api --rounds 5 --json figures.json
\`\`\`

Written by \`npm run bench\`; do not edit.

Machine: ${cpu}, ${cores} cores, headless ${browser}; ${report.rounds} rounds. The machine is shared, so
times vary from run to run. Ratios are reliable: both sides were measured alternately in one run.

Every system runs in a page of its own, on WebAssembly with SIMD unless its name says otherwise, on
one thread: facenet-web on its own kernels, the peers on TensorFlow.js. The pages are not
cross-origin isolated. facenet-web runs its networks in a worker, which is its default; \`-page\`
after a name means that they run on the page's thread, as the peers' do.

face-api is \`detectAllFaces().withFaceLandmarks().withFaceDescriptors()\`. \`human\` has detector,
mesh and description only, \`human-defaults\` also body, hands, iris and emotion. Both may find ten
faces instead of one, and their cache between frames is off for photos and on for video.

facenet-web is called as documented: in photos it also searches rotated views, which the peers do
not. \`thorough: false\` skips them.

${graphicsText(report)}"Emulated" means that the processor emulates the graphics card, which says nothing about speed. Only
\`fast\` runs on it, on one face, once after warming up, to check that it works.

${tables(report)}`;
}

/** Whether a graphics card was measured. */
function graphicsText({ systems }: Report): string {
  const onGraphics = Object.values(systems).filter(({ backend }) => backend !== 'wasm');
  if (onGraphics.some(({ emulated }) => !emulated)) return '';
  return `No machine with a graphics card was available, so the speed of WebGL and WebGPU was not measured${onGraphics.length > 0 ? ',\nonly that they run, emulated' : ''}.
Tests compare their answers with those of WebAssembly.

`;
}

function ratioTable({ ratios, ratiosOf }: Report): string {
  const peers = Object.entries(ratios);
  if (peers.length === 0) return '';
  return [
    `## facenet-web \`${ratiosOf}\` compared with each peer\n`,
    'Ratio of the peer to facenet-web, or of the frame rates; above 1 facenet-web is better.\n',
    table(
      ['', ...peers.map(([name]) => name)],
      [
        ...sceneNames.flatMap((scene) =>
          (['default', 'upright'] as const).map((way) => [
            `image → embedding, ${scene} face${scene === '1' ? '' : 's'}${way === 'upright' ? ', `thorough: false`' : ''}`,
            ...peers.map(([, { byFaces }]) => times(byFaces[scene]?.[way])),
          ]),
        ),
        ['video, frames per second', ...peers.map(([, { videoFps }]) => times(videoFps))],
        ['cold start', ...peers.map(([, { coldStart }]) => times(coldStart))],
        ['warm start', ...peers.map(([, { warmStart }]) => times(warmStart))],
        ['bytes over the wire', ...peers.map(([, { bytes }]) => times(bytes))],
      ],
    ),
  ].join('\n');
}

/** What is asked of `balanced`, and what was reached. */
function targetsText({ systems, ratios, attainable }: Report): string {
  const { balanced, fast } = systems;
  const [faceApi, human] = [ratios['face-api'], ratios.human];
  if (!balanced || !faceApi || !human) return '';
  const { embedderGflops, relaxedGflops } = attainable;
  const attainableGflops = Math.max(attainable.gflops, relaxedGflops ?? 0);
  const slowdown = attainableGflops / (embedderGflops ?? Number.NaN);
  const coldShare = 100 / Math.min(faceApi.coldStart, human.coldStart);
  const row = (what: string, asked: string, reached: string, met: boolean) => [
    what,
    asked,
    reached,
    met ? 'yes' : 'no',
  ];
  const megabytes = (system: SystemReport) => system.bytes.total / 1e6;
  const shares = networkShares('balanced');
  const gmac = shares.reduce((sum, share) => sum + share.runs * share.gmac, 0);
  const least = (2 * gmac * 1000) / attainableGflops;
  const medians = [systems['face-api'], systems.human].map((peer) => peer?.imageToEmbedding['1']?.median ?? Number.NaN);
  const [eighth, quarter] = [(medians[0] as number) / 8, (medians[1] as number) / 4];
  const took = balanced.imageToEmbedding['1']?.median ?? Number.NaN;
  return [
    '## Targets\n',
    table(
      ['`balanced`, unless stated otherwise', 'target', 'result', 'met'],
      [
        row(
          'image → embedding, compared with face-api',
          '≥ 8×',
          times(faceApi.imageToEmbedding),
          faceApi.imageToEmbedding >= 8,
        ),
        row(
          'image → embedding, compared with human',
          '≥ 4×',
          times(human.imageToEmbedding),
          human.imageToEmbedding >= 4,
        ),
        row('embedder, time relative to the attainable time', '≤ 1.5×', times(slowdown), slowdown <= 1.5),
        row('cold start, relative to the faster peer', '≤ 60 %', `${coldShare.toFixed(0)} %`, coldShare <= 60),
        ...(fast ? [row('bytes, `fast`', '< 8 MB', `${megabytes(fast).toFixed(2)} MB`, megabytes(fast) < 8)] : []),
        row('bytes', '< 10.5 MB', `${megabytes(balanced).toFixed(2)} MB`, megabytes(balanced) < 10.5),
        row(
          'longest block of the page’s thread',
          '≤ 50 ms',
          balanced.longestBlock === 0 ? '< 50 ms' : `${balanced.longestBlock.toFixed(0)} ms`,
          balanced.longestBlock <= 50,
        ),
      ],
    ),
    'A photo with one upright face runs these networks:\n',
    ...shares.map(({ name, runs, gmac }) => `- ${name} ${runs}× (${gmac.toFixed(3)} GMAC)`),
    `\nTogether they need ${gmac.toFixed(2)} GMAC, or ${least.toFixed(0)} ms at the attainable ${attainableGflops.toFixed(0)} GFLOP/s. The call took ${took.toFixed(0)} ms.`,
    `An eighth of face-api’s time is ${eighth.toFixed(0)} ms, which ${leaves(eighth - least)}; a quarter of`,
    `human’s is ${quarter.toFixed(0)} ms, which ${leaves(quarter - least)}. (Winograd’s minimal filtering saves some`,
    'of this arithmetic, at the cost of additions and memory traffic.)\n',
    'The rest is drawing the picture and reading its pixels, reducing it, cutting seven crops out of it,',
    'and the transfer to the worker and back.\n',
    'face-api runs 0.27 GMAC for its descriptor once, on one crop. `balanced` spends its time on two',
    'crops of a face, two landmark passes and the search for rolled heads, for its accuracy',
    '([accuracy.md](accuracy.md), [detection.md](detection.md)). On upright heads alone, as the peers, it',
    `is ${times(faceApi.imageToEmbeddingUpright)} face-api and ${times(human.imageToEmbeddingUpright)} human.\n`,
  ].join('\n');
}

function leaves(ms: number): string {
  return ms > 0 ? `leaves ${ms.toFixed(0)} ms for the rest` : 'is less than the arithmetic alone';
}

function attainableText({ attainable, ratiosOf, machine }: Report): string {
  const { gflops, relaxedGflops, twoThreadsGflops, embedderGflops } = attainable;
  const relaxed =
    relaxedGflops === null ? '' : `, and ${relaxedGflops.toFixed(1)} with relaxed SIMD’s fused multiply-add`;
  const reached =
    embedderGflops === null
      ? ''
      : `

The embedder of \`${ratiosOf}\` needs ${embedderGmac} GMAC, ${2 * embedderGmac} GFLOP, for each run of its network, and takes
${((2000 * embedderGmac) / embedderGflops).toFixed(1)} ms for it, from the aligned crop to the embedding:
${2 * embedderGmac} / ${((2 * embedderGmac) / embedderGflops).toFixed(4)} s = ${embedderGflops.toFixed(1)} GFLOP/s, ${(Math.max(gflops, relaxedGflops ?? 0) / embedderGflops).toFixed(2)} times the time at the attainable speed. (Winograd’s
minimal filtering needs fewer multiplications than are counted here, so the factor can be below 1.)`;
  return `## Attainable speed

A loop of SIMD multiplications and additions on twelve independent chains, all in registers, reaches
${gflops.toFixed(1)} GFLOP/s on one thread of this machine${relaxed}.${reached}

Two such loops at once, plain SIMD in two workers, reach ${twoThreadsGflops.toFixed(1)} GFLOP/s together, ${(twoThreadsGflops / gflops).toFixed(2)} times as
much as one. This is the maximum gain of a second WebAssembly thread while nothing else uses the
other of the ${machine.cores} cores.
`;
}

function threadsText(threads: Threads, cores: number): string {
  const rows = Object.entries(threads).map(([faces, { one, two }]) => [
    faces,
    one.toFixed(0),
    two.toFixed(0),
    times(one / two),
  ]);
  return `## Threads

Everything above runs on one thread. On a cross-origin isolated page the networks can share memory:
\`balanced\` on one thread and on two (\`threads: 2\`), alternately, with bit-identical answers. The
default is half as many threads as cores, at most four: here ${Math.max(1, Math.min(4, Math.floor(cores / 2)))}.

${table(['faces', 'one thread, ms', 'two threads, ms', 'speed-up'], rows)}`;
}

const compact = (value: number) => new Intl.NumberFormat('en', { notation: 'compact' }).format(value);

/** How the cost grows: a plot by the name of its file. */
export function scalePlots({ faces, sizes, gallery }: Scale): Record<string, string> {
  const line = (x: string, y: string, points: { x: number; y: number }[]) =>
    linesPlot([{ name: '', colour: colours.ours, points }], {
      height: 260,
      x: { type: 'log', label: x, tickFormat: compact },
      y: { type: 'log', label: y, tickFormat: compact },
    });
  const facesLine = faces.map(({ faces, ms }) => ({ x: faces, y: ms }));
  const sizesLine = sizes.map(({ megapixels, ms }) => ({ x: megapixels, y: ms }));
  const galleryLine = gallery.map(({ embeddings, perSecond }) => ({ x: embeddings, y: perSecond }));
  return {
    'scale-faces.svg': line('faces in 1280×960 pixels', 'milliseconds', facesLine),
    'scale-sizes.svg': line('megapixels of a JPEG with one face', 'milliseconds', sizesLine),
    'scale-gallery.svg': line('embeddings', 'comparisons a second', galleryLine),
  };
}

function scaleText({ faces, sizes, gallery, steadiness, video }: Scale): string {
  const known = video.identityMs.map((ms) => (Number.isNaN(ms) ? 'never' : `${ms.toFixed(0)} ms`)).join(' and ');
  return [
    '## Scale\n',
    '`balanced` in its worker, medians of three. Faces in an image of 1280×960 pixels:\n',
    '![Milliseconds by the number of faces](scale-faces.svg)\n',
    table(
      ['faces', 'found', 'ms', 'ms per face'],
      faces.map(({ faces, found, ms }) => [`${faces}`, `${found}`, ms.toFixed(0), (ms / faces).toFixed(1)]),
    ),
    'A JPEG file with one face, with decoding by the browser, and the decoding alone:\n',
    '![Milliseconds by the size of the image](scale-sizes.svg)\n',
    table(
      ['megapixels', 'pixels', 'ms', 'decoding alone, ms'],
      sizes.map(({ megapixels, width, height, ms, decodingMs }) => [
        String(megapixels),
        `${width}×${height}`,
        ms.toFixed(0),
        decodingMs.toFixed(0),
      ]),
    ),
    'A probe compared with every embedding (128 numbers each, in one typed array) by',
    '`euclideanDistance`, on one thread. [search.md](search.md) has the gallery’s index, which compares',
    'fewer:\n',
    '![Comparisons a second by the size of the gallery](scale-gallery.svg)\n',
    table(
      ['embeddings', '10⁶ comparisons/s', 'ms per search'],
      gallery.map(({ embeddings, perSecond }) => [
        embeddings.toLocaleString('en'),
        (perSecond / 1e6).toFixed(2),
        ((1000 * embeddings) / perSecond).toFixed(2),
      ]),
    ),
    'Memory of page and worker after video frames of 640×480 pixels with a moving face:\n',
    table(
      ['frames', 'tensors', 'MB'],
      steadiness.map(({ frames, tensors, bytes }) => [String(frames), String(tensors), (bytes / 1e6).toFixed(1)]),
    ),
    'In a video of 640×480 pixels at 30 frames a second with two people of a gallery,',
    `${video.framesPerSecond.toFixed(1)} frames a second are processed. The people are identified ${known}`,
    `after they appear. Meanwhile the page draws at its own rate, with at most ${video.longestGap.toFixed(0)} ms between two of`,
    'its frames.\n',
  ].join('\n');
}

function labelOf(name: string, { emulated }: SystemReport): string {
  return `${name}${emulated ? ' (emulated)' : ''}`;
}

const times = (ratio: number | undefined) =>
  ratio === undefined || !Number.isFinite(ratio) ? '–' : `${ratio.toFixed(2)}×`;

function span(value: Spread | undefined): string {
  if (!value) return '–';
  const digits = value.median < 10 ? 1 : 0;
  return `${value.median.toFixed(digits)} (${value.min.toFixed(digits)}–${value.max.toFixed(digits)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[line(head), `|${'-|'.repeat(head.length)}`, ...rows.map(line)].join('\n')}\n`;
}
