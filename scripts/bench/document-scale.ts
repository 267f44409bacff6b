import { markdownTable } from '../kit/markdown.ts';
import { colours, linesPlot } from '../kit/plots.ts';
import type { MemoryPeak } from './memory.ts';
import type { Scale } from './report.ts';

const compact = (value: number) => new Intl.NumberFormat('en', { notation: 'compact' }).format(value);

/** The plots of how the cost grows, by file name. */
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

/** How the cost grows, as text and tables. */
export function scaleText({ faces, sizes, gallery, steadiness, video }: Scale): string {
  const known = video.identityMs.map((ms) => (Number.isNaN(ms) ? 'never' : `${ms.toFixed(0)} ms`)).join(' and ');
  return [
    '## Scale\n',
    '`balanced` in its worker, medians of three. Faces in an image of 1280×960 pixels:\n',
    '![Milliseconds by the number of faces](scale-faces.svg)\n',
    markdownTable(
      ['faces', 'found', 'ms', 'ms per face'],
      faces.map(({ faces, found, ms }) => [`${faces}`, `${found}`, ms.toFixed(0), (ms / faces).toFixed(1)]),
    ),
    'A JPEG file with one face, with decoding by the browser, and the decoding alone:\n',
    '![Milliseconds by the size of the image](scale-sizes.svg)\n',
    markdownTable(
      ['megapixels', 'pixels', 'ms', 'decoding alone, ms'],
      sizes.map(({ megapixels, width, height, ms, decodingMs }) => [
        String(megapixels),
        `${width}×${height}`,
        ms.toFixed(0),
        decodingMs.toFixed(0),
      ]),
    ),
    galleryText(gallery),
    'Memory of page and worker after video frames of 640×480 pixels with a moving face:\n',
    markdownTable(
      ['frames', 'tensors', 'MB'],
      steadiness.map(({ frames, tensors, bytes }) => [String(frames), String(tensors), (bytes / 1e6).toFixed(1)]),
    ),
    'In a video of 640×480 pixels at 30 frames a second with two people of a gallery,',
    `${video.framesPerSecond.toFixed(1)} frames a second are processed. The people are identified ${known}`,
    `after they appear. Meanwhile the page draws at its own rate, with at most ${video.longestGap.toFixed(0)} ms between two of`,
    'its frames.\n',
  ].join('\n');
}

function galleryText(gallery: Scale['gallery']): string {
  return [
    'A probe compared with every embedding (128 numbers each, in one typed array) by',
    '`euclideanDistance`, on one thread. [search.md](search.md) has the gallery’s index, which compares',
    'fewer:\n',
    '![Comparisons a second by the size of the gallery](scale-gallery.svg)\n',
    markdownTable(
      ['embeddings', '10⁶ comparisons/s', 'ms per search'],
      gallery.map(({ embeddings, perSecond }) => [
        embeddings.toLocaleString('en'),
        (perSecond / 1e6).toFixed(2),
        ((1000 * embeddings) / perSecond).toFixed(2),
      ]),
    ),
  ].join('\n');
}

/** The memory by kind of photo and system. */
export function memoryText(peaks: readonly MemoryPeak[]): string {
  const names = Object.keys(peaks[0]?.bytes ?? {});
  return [
    '## Memory',
    '\nThe growth of the resident memory of the page, its worker and the graphics process, at its peak,',
    'from the start of a system to its second call on a photo, in MB. Each is in a browser of its own.',
    'facenet-web gets a large photo as a file, the others as an image element, which is all they take',
    '(`npm run bench -- --only memory`):\n',
    markdownTable(
      ['photo', ...names],
      peaks.map(({ photo, bytes }) => [photo, ...names.map((name) => ((bytes[name] ?? Number.NaN) / 1e6).toFixed(0))]),
    ),
  ].join('\n');
}
