import type { Box, Verdict } from '../../lib/index.ts';

/** The faces of a photo. */
interface PhotoFaces {
  faces: { box: Box; score: number }[];
}

/** The result, as --json prints it. */
export interface Report extends Verdict {
  a: PhotoFaces;
  b: PhotoFaces;
  backend: string;
  models: { detector: string; landmarker: string; embedder: string };
}

/** The exit code of a verdict. An error exits with 2. */
export function exitCodeOf({ same, reason }: Verdict): 0 | 1 | 3 {
  if (reason === 'quality') return 3;
  return same ? 0 : 1;
}

/** The report as text. */
export function describeReport(report: Report, photoA: string, photoB: string): string {
  const { detector, landmarker, embedder } = report.models;
  return [
    ...describeFaces(photoA, report.a),
    ...describeFaces(photoB, report.b),
    describeVerdict(report),
    `(largest face of each; ${detector}, ${landmarker}, ${embedder} on ${report.backend})\n`,
  ].join('\n');
}

function describeFaces(photo: string, { faces }: PhotoFaces): string[] {
  return faces.map(({ box, score }) => {
    const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(Math.round);
    return `${photo}: face at (${x}, ${y}), ${width}×${height} pixels, score ${score.toFixed(2)}`;
  });
}

function describeVerdict({ same, distance, threshold, probability, basis, reason }: Verdict): string {
  if (reason === 'quality') {
    return 'too poor to compare: strangers in such photos cannot be distinguished. Use a sharper, brighter photo of the uncovered face.';
  }
  const measures = `distance ${distance.toFixed(3)}, threshold ${threshold.toFixed(3)}`;
  const basedOn = basis === 'quality' ? 'for photos of this quality' : 'for all photos';
  const percent = (100 * probability).toFixed(1);
  return `${measures} ${basedOn}, probability ${percent} %: ${same ? 'the same person' : 'different people'}`;
}
