import type { Box, Face, LandmarkScheme, Landmarks } from '../../core/types.ts';
import { toPixel } from '../../image/dlib/rectangle.ts';
import type { PixelSource, Raster } from '../../image/pixel-source.ts';
import { boxOf } from '../bounds.ts';
import type { Landmarker } from '../landmarker.ts';
import { type GreyAt, predictShape } from './predict-shape.ts';
import type { ShapePredictor } from './shape-predictor.ts';

/** The pixels that a predictor compares lie within the box grown by this share of its sides. */
const growth = 1;

/**
 * Creates the landmarker that predicts the points by regression trees, as dlib's `shape_predictor` does. It is trained on the boxes of
 * dlib's HOG detector; on the boxes of another detector it is less accurate. It ignores the roll of a face.
 */
export function forestLandmarker(name: string, scheme: LandmarkScheme, predictor: ShapePredictor): Landmarker {
  const landmarksIn = (picture: PixelSource, face: Pick<Face, 'box'>): Landmarks => {
    const box = wholePixels(face.box);
    const points = predictShape(predictor, greyOf(picture, box), box);
    return { scheme, points: points.map(({ x, y }) => ({ x: toPixel(x), y: toPixel(y) })) };
  };
  return {
    name,
    find: async (picture, faces) => faces.map((face) => landmarksIn(picture, face)),
    // Without a presence scorer, faces are not followed.
    follow: async (picture, previous) => previous.map((landmarks) => landmarksIn(picture, { box: boxOf(landmarks) })),
    dispose() {},
  };
}

function wholePixels({ x, y, width, height }: Box): Box {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}

/** The grey levels of a picture about a box: the mean of the colours without its fraction, as dlib computes it. */
function greyOf(picture: PixelSource, box: Box): GreyAt {
  const left = Math.max(0, box.x - growth * box.width);
  const top = Math.max(0, box.y - growth * box.height);
  const right = Math.min(picture.width, box.x + (1 + growth) * box.width);
  const bottom = Math.min(picture.height, box.y + (1 + growth) * box.height);
  if (right <= left || bottom <= top) return () => 0;
  const raster = picture.read({ x: left, y: top, width: right - left, height: bottom - top });
  return (x, y) => greyAt(raster, x - raster.x, y - raster.y);
}

function greyAt({ width, height, data }: Raster, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= width || y >= height) return 0;
  const at = 4 * (y * width + x);
  return Math.trunc(((data[at] as number) + (data[at + 1] as number) + (data[at + 2] as number)) / 3);
}
