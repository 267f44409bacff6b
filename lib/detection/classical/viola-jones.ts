import type { Face, Pixels } from '../../core/types.ts';
import { toGrey } from '../../image/grey.ts';
import { warp } from '../../image/warp.ts';
import type { Detector, PictureDetector } from '../detector.ts';
import type { Cascade } from './cascade.ts';
import type { Group } from './grouping.ts';
import { detectMultiScale } from './multi-scale.ts';
import { parseCascade } from './opencv-cascade.ts';

/** The side of the input, in pixels. With OpenCV's window of 24 pixels the smallest face is 1/26 of it. */
const inputSize = 640;

/** The ratio of successive scales: OpenCV's default. */
const defaultScaleFactor = 1.1;

/** The number of agreeing windows with which a face scores 0.5. OpenCV's default of 3 neighbours needs as many. */
const evenCount = 4;

/** Groups of one window are noise. */
const minNeighbors = 1;

/**
 * Creates the detector of Viola & Jones ("Rapid object detection using a boosted cascade of simple features", 2001)
 * with an OpenCV cascade. It finds upright frontal faces and runs in plain JavaScript. The score of a face is
 * n / (n + 4), where n is the number of windows, over all positions and scales, that pass every stage and agree on the
 * face: 0.5 at the threshold of OpenCV's default (`minNeighbors` = 3), 0.9 from 36 windows on.
 *
 * @param xml the text of a cascade such as OpenCV's haarcascade_frontalface_default.xml.
 * @throws {FaceNetError} `option-invalid` when the text is not a cascade that can be read. Also from `find`, when
 *   far too many windows pass.
 */
export function violaJonesDetector(xml: string): Detector {
  const cascade = parseCascade(xml);
  return {
    name: 'viola-jones',
    inputSize,
    async find(pictures, signal) {
      const found: Face[][] = [];
      for (const picture of pictures) found.push(await facesIn(picture, cascade, {}, signal));
      return found;
    },
    dispose() {},
  };
}

/**
 * Creates the same detector for whole pictures: the faces of OpenCV's `detectMultiScale` with `minSize`, and with `minNeighbors` = n for a
 * lowest score of (n + 1) / (n + 5).
 *
 * @param scaleFactor the ratio of successive scales. Default: 1.1.
 * @throws {FaceNetError} as {@link violaJonesDetector}.
 */
export function cascadeDetector(xml: string, name: string, scaleFactor?: number): PictureDetector {
  const cascade = parseCascade(xml);
  return {
    name,
    uprightOnly: true,
    search(picture, { width, height, toSource }, minSize, signal) {
      const pixels = warp(picture, toSource, Math.round(width), Math.round(height));
      return facesIn(pixels, cascade, { scaleFactor, minSize }, signal);
    },
    dispose() {},
  };
}

async function facesIn(
  picture: Pixels,
  cascade: Cascade,
  { scaleFactor = defaultScaleFactor, minSize = 0 }: { scaleFactor?: number | undefined; minSize?: number },
  signal: AbortSignal | undefined,
): Promise<Face[]> {
  return (await detectMultiScale(cascade, toGrey(picture), { scaleFactor, minNeighbors, minSize }, signal)).map(toFace);
}

function toFace({ box, count }: Group): Face {
  return { box, score: count / (count + evenCount), roll: 0 };
}
