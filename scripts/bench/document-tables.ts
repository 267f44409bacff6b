import { markdownTable } from '../kit/markdown.ts';
import { facesLabel, ratioText, spreadText, systemLabel } from './format.ts';
import type { Report, SystemReport } from './report.ts';
import { sceneNames } from './scenes.ts';

/** The ratios to each peer; empty if no peer was measured. */
export function ratioTable({ ratios, ratiosOf }: Report): string {
  const peers = Object.entries(ratios);
  if (peers.length === 0) return '';
  return [
    `## facenet-web \`${ratiosOf}\` compared with each peer\n`,
    'Ratio of the peer to facenet-web, or of the frame rates; above 1 facenet-web is better.\n',
    markdownTable(
      ['', ...peers.map(([name]) => name)],
      [
        ...sceneNames.flatMap((scene) =>
          (['default', 'upright'] as const).map((way) => [
            `image → embedding, ${facesLabel(scene)}${way === 'upright' ? ', `thorough: false`' : ''}`,
            ...peers.map(([, { byFaces }]) => ratioText(byFaces[scene]?.[way])),
          ]),
        ),
        ['video, frames per second', ...peers.map(([, { videoFps }]) => ratioText(videoFps))],
        ['cold start', ...peers.map(([, { coldStart }]) => ratioText(coldStart))],
        ['warm start', ...peers.map(([, { warmStart }]) => ratioText(warmStart))],
        ['bytes over the wire', ...peers.map(([, { bytes }]) => ratioText(bytes))],
      ],
    ),
  ].join('\n');
}

/** The times from an image to its embeddings. */
export function embeddingTable({ systems }: Report): string {
  const entries = Object.entries(systems);
  return [
    '## Image → embedding\n',
    'Milliseconds for a photo of 640×480 pixels with one, three and ten faces: median (min–max).\n',
    markdownTable(
      ['system', ...sceneNames.map((scene) => facesLabel(scene)), 'frames/s of video'],
      entries.flatMap(([name, system]) => {
        const row = (label: string, times: SystemReport['imageToEmbedding'], fps: string) => [
          label,
          ...sceneNames.map((scene) => spreadText(times[scene])),
          fps,
        ];
        const { imageToEmbedding, imageToEmbeddingUpright: upright, videoFps } = system;
        const rows = [row(systemLabel(name, system), imageToEmbedding, videoFps === null ? '–' : videoFps.toFixed(1))];
        return upright ? [...rows, row(`${name}, \`thorough: false\``, upright, '')] : rows;
      }),
    ),
  ].join('\n');
}

/** Start-up times, transfer sizes and memory. */
export function startTable({ systems }: Report): string {
  const entries = Object.entries(systems);
  return [
    '## Start, bytes, memory\n',
    'From an empty page to the first embedding, with empty caches (cold) and with full ones (warm):',
    'median (min–max). Loading ends when the system can be called; the rest is its first call. The',
    'longest block is the longest task of the page’s thread until then and in the first five frames of',
    'video. Bytes are as served, compressed. The heap is the peak of heaps and buffers of the page and',
    'its worker.\n',
    markdownTable(
      [
        'system',
        'starts',
        'cold, ms',
        'of it loading, ms',
        'warm, ms',
        'longest block, ms',
        'JS, kB',
        'wasm, kB',
        'weights, kB',
        'total, MB',
        'tensors',
        'heap, MB',
      ],
      entries.map(([name, { starts, longestBlock, bytes, tensors, peakMemory }]) => [
        name,
        String(starts.count),
        spreadText(starts.cold),
        starts.loading.median.toFixed(0),
        spreadText(starts.warm),
        longestBlock === 0 ? '< 50' : longestBlock.toFixed(0),
        ...[bytes.js, bytes.wasm, bytes.weights].map((size) => (size / 1e3).toFixed(0)),
        (bytes.total / 1e6).toFixed(2),
        String(tensors),
        (peakMemory / 1e6).toFixed(0),
      ]),
    ),
  ].join('\n');
}

/** The times of the stages. */
export function stageList({ systems }: Report): string {
  const entries = Object.entries(systems);
  return [
    '## Stages\n',
    'Milliseconds on the photo with one face, each stage with the result of the previous one: median\n(min–max).\n',
    ...entries
      .filter(([, { stages }]) => Object.keys(stages).length > 0)
      .map(
        ([name, { stages }]) =>
          `- **${name}**: ${Object.entries(stages)
            .map(([stage, time]) => `${stage} ${spreadText(time)}`)
            .join(', ')}`,
      ),
    '',
  ].join('\n');
}

/** The results that were checked. */
export function answerTable({ systems }: Report): string {
  const entries = Object.entries(systems);
  return [
    '## Answers\n',
    'Results are checked before and after the measurement: the number of faces that each system embeds in',
    'the three photos, and the distance between two pictures of one face by its own measure, with its own',
    'threshold.\n',
    markdownTable(
      ['system', ...sceneNames.map((scene) => `of ${scene}`), 'distance', 'threshold'],
      entries.map(
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
  ].join('\n');
}
