import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Box, Face } from '../../core/types.ts';
import { type Grey, toGrey } from '../../image/grey.ts';
import { pyramid } from '../../image/pyramid.ts';
import type { Detector } from '../detector.ts';
import type { Cascade } from './cascade.ts';
import { scanWindows } from './cascade-windows.ts';
import { type Group, groupWindows } from './grouping.ts';
import { parseCascade } from './opencv-cascade.ts';

/** The side of the input, in pixels. With OpenCV's window of 24 pixels the smallest face is 1/26 of it. */
const inputSize = 640;

/** The ratio of successive scales: OpenCV's default. */
const scaleFactor = 1.1;

/** Below this scale only every second window along each side is evaluated. (OpenCV) */
const coarseScale = 2;

/** The number of agreeing windows with which a face scores 0.5. OpenCV's default of 3 neighbours needs as many. */
const evenCount = 4;

/** Groups of fewer windows are noise. */
const minWindows = 2;

/** A face yields some tens of windows. Grouping more windows than this would take seconds. */
const maxWindows = 10_000;

/**
 * Creates the detector of Viola & Jones ("Rapid object detection using a boosted cascade of simple features", 2001)
 * with an OpenCV cascade. It finds upright frontal faces and runs in plain JavaScript. The score of a face is
 * n / (n + 4), where n is the number of windows, over all positions and scales, that pass every stage and agree on the
 * face: 0.5 at the threshold of OpenCV's default (`minNeighbors` = 3), 0.9 from 36 windows on.
 *
 * @param xml the text of a cascade such as OpenCV's haarcascade_frontalface_default.xml.
 * @throws {FaceNetError} `option-invalid` when the text is not a cascade of Haar-like features. Also from `find`, when
 *   far too many windows pass.
 */
export function violaJonesDetector(xml: string, name = 'viola-jones'): Detector {
  const cascade = parseCascade(xml);
  return {
    name,
    inputSize,
    async find(pictures, signal) {
      const found: Face[][] = [];
      for (const picture of pictures) {
        await yieldToEventLoop(signal);
        found.push(await facesIn(toGrey(picture), cascade, signal));
      }
      return found;
    },
    dispose() {},
  };
}

async function facesIn(picture: Grey, cascade: Cascade, signal: AbortSignal | undefined): Promise<Face[]> {
  const windows: Box[] = [];
  for (const { grey, scale } of pyramid(picture, scaleFactor, cascade)) {
    // One level takes some ten milliseconds: all of them without a yield would freeze the page.
    if (scale > 1) await yieldToEventLoop(signal);
    scanWindows(cascade, grey, scale < coarseScale ? 2 : 1, (x, y) => {
      windows.push({ x: x * scale, y: y * scale, width: cascade.width * scale, height: cascade.height * scale });
      if (windows.length > maxWindows) throw tooManyWindows();
    });
  }
  return groupWindows(windows, minWindows).map(toFace);
}

function toFace({ box, count }: Group): Face {
  return { box, score: count / (count + evenCount), roll: 0 };
}

function tooManyWindows(): FaceNetError {
  return new FaceNetError(
    'option-invalid',
    `More than ${maxWindows} windows of one picture pass the cascade: pass a cascade that is fully trained.`,
  );
}
