import type { ModelNames } from '../../lib/index.ts';
import { type Anchor, anchor } from '../../lib/landmarks/schemes.ts';
import type { PhotoResult, PrintedCrop, PrintedFace } from './page.ts';

/** What the command prints as JSON. */
export interface FacesReport {
  photos: ({ file: string } & Omit<PhotoResult, 'drawing'>)[];
  /** The name of the backend. */
  backend: string;
  models: ModelNames;
}

const printedAnchors: Anchor[] = ['rightEye', 'leftEye', 'noseTip', 'rightMouthCorner', 'leftMouthCorner'];

/** The report as text. */
export function reportText({ photos, backend, models }: FacesReport): string {
  const { detector, landmarker, embedder } = models;
  return `${photos.map(photoText).join('')}detector ${detector}, landmarker ${landmarker}, embedder ${embedder}, backend ${backend}\n`;
}

function photoText({ file, width, height, faces = [], error }: FacesReport['photos'][number]): string {
  if (error) return `${file}: ${error.code}: ${error.message}\n`;
  const count = faces.length === 1 ? '1 face' : `${faces.length} faces`;
  return `${file}: ${width}×${height}, ${count}\n${faces.map((face, i) => `  ${i + 1}. ${faceText(face)}\n`).join('')}`;
}

function faceText(face: PrintedFace | PrintedCrop): string {
  if (!('box' in face)) return `aligned crop, embedding of ${face.embedding.length} values by ${face.model}`;
  const { box, score, roll, landmarks, quality, embedding, model } = face;
  const points = { ...landmarks, points: landmarks.points.map(([x, y]) => ({ x, y })) };
  const anchors = printedAnchors.map((name) => {
    const { x, y } = anchor(points, name);
    return `${name} ${x.toFixed(0)},${y.toFixed(0)}`;
  });
  const size = `${box.width.toFixed(0)}×${box.height.toFixed(0)}`;
  return [
    `box ${box.x.toFixed(0)},${box.y.toFixed(0)} ${size}, score ${score.toFixed(3)}, roll ${degrees(roll)}`,
    `landmarks ${landmarks.scheme}: ${anchors.join(', ')}`,
    `quality ${quality.overall.toFixed(2)}: yaw ${degrees(quality.yaw)}, pitch ${degrees(quality.pitch)}, eye distance ${quality.eyeDistance.toFixed(0)} pixels, sharpness ${quality.sharpness.toFixed(2)}`,
    `embedding of ${embedding.length} values by ${model}`,
  ].join('\n     ');
}

function degrees(radians: number): string {
  return `${((radians * 180) / Math.PI).toFixed(0)}°`;
}
