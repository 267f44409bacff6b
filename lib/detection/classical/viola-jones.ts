import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Box, Face } from '../../core/types.ts';
import { type Grey, toGrey } from '../../image/grey.ts';
import { integralOf } from '../../image/integral.ts';
import { pyramid } from '../../image/pyramid.ts';
import type { Detector } from '../detector.ts';
import { type Group, groupWindows } from './grouping.ts';
import { type Cascade, parseCascade } from './opencv-cascade.ts';

/** With a window of 24 pixels, OpenCV's frontal faces, a face of a 26th of the picture's side is found. */
const inputSize = 640;

/** From one scale to the next; OpenCV's default. */
const scaleFactor = 1.1;

/** Below this scale every second window is looked at along each side, since pixels there are small. (OpenCV) */
const coarseScale = 2;

/** A window whose luminance has a lower standard deviation than this, of 255, shows no face but noise. (OpenCV) */
const leastDeviation = 10;

/** How many windows must agree for a face to be as likely as not; OpenCV's default, 3 neighbours, asks for as many. */
const evenCount = 4;

/** Fewer windows are chance, to the most patient caller. */
const fewestWindows = 2;

/** A face makes some tens of windows pass. With more than these in one picture, grouping them would take seconds. */
const mostWindows = 10_000;

/**
 * The detector of Viola & Jones ("Rapid object detection using a boosted cascade of simple features", 2001), with a cascade
 * of OpenCV's. It runs in plain JavaScript wherever the library does, needs no weights but the cascade's text, and finds
 * upright frontal faces. A face's score is n / (n + 4), where n is the number of windows, at all places and scales, that
 * passed every stage and agree on the face: 0.5 where OpenCV's default (`minNeighbors` = 3) would take it, 0.9 from 36 on.
 *
 * @param xml the text of a cascade such as OpenCV's haarcascade_frontalface_default.xml.
 * @throws {FaceNetError} `option-invalid` when the text is no cascade on Haar-like features; also from `find`, when the
 *   cascade lets so much pass that it tells nothing.
 */
export function violaJonesDetector(xml: string): Detector {
  const cascade = parseCascade(xml);
  return {
    name: 'viola-jones',
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
    // A level takes some ten milliseconds; a page can wait for one, but not for all.
    if (scale > 1) await yieldToEventLoop(signal);
    scan(cascade, grey, scale < coarseScale ? 2 : 1, (x, y) => {
      windows.push({ x: x * scale, y: y * scale, width: cascade.width * scale, height: cascade.height * scale });
      if (windows.length > mostWindows) throw tooMany();
    });
  }
  return groupWindows(windows, fewestWindows).map(toFace);
}

function toFace({ box, count }: Group): Face {
  return { box, score: count / (count + evenCount), roll: 0 };
}

function tooMany(): FaceNetError {
  return new FaceNetError(
    'option-invalid',
    `The cascade takes more than ${mostWindows} places of one picture for a face: pass one that was trained to its end.`,
  );
}

/** Slides the cascade's window over a picture of one scale, and tells of each place where every stage lets it pass. */
function scan(cascade: Cascade, grey: Grey, step: number, passes: (x: number, y: number) => void): void {
  const { width, height, features, stageTrees, stageThresholds, treeNodes, leaves } = cascade;
  const { nodeFeatures, nodeThresholds, nodeLeft, nodeRight } = cascade;
  const {
    stride,
    sum,
    squares,
    tilted = sum,
  } = integralOf(
    grey,
    features.some((feature) => feature.tilted),
  );
  const { offsets, weights, tables } = layOut(cascade, stride);
  // The variance is that of the window without its outermost pixels, as OpenCV's training takes it.
  const inner = cornersOf(1, 1, width - 2, height - 2, stride);
  const area = (width - 2) * (height - 2);
  const [c0, c1, c2, c3] = inner;

  for (let y = 0; y + height <= grey.height; y += step) {
    for (let x = 0; x + width <= grey.width; x += step) {
      const at = y * stride + x;
      const total =
        (sum[at + c0] as number) - (sum[at + c1] as number) - (sum[at + c2] as number) + (sum[at + c3] as number);
      const totalSquares =
        (squares[at + c0] as number) -
        (squares[at + c1] as number) -
        (squares[at + c2] as number) +
        (squares[at + c3] as number);
      // The standard deviation times the area: by it a feature's value is divided instead of normalising the pixels.
      const norm = Math.sqrt(Math.max(0, area * totalSquares - total * total));
      if (norm <= leastDeviation * area) continue;
      const scale = 1 / norm;

      let tree = 0;
      let node = 0;
      let leaf = 0;
      let stage = 0;
      for (; stage < stageTrees.length; stage++) {
        let votes = 0;
        for (const end = tree + (stageTrees[stage] as number); tree < end; tree++) {
          let next = 0;
          do {
            const asked = node + next;
            const feature = nodeFeatures[asked] as number;
            const table = tables[feature] === 1 ? tilted : sum;
            const o = feature * 12;
            const w = feature * 3;
            let value =
              (weights[w] as number) *
                ((table[at + (offsets[o] as number)] as number) -
                  (table[at + (offsets[o + 1] as number)] as number) -
                  (table[at + (offsets[o + 2] as number)] as number) +
                  (table[at + (offsets[o + 3] as number)] as number)) +
              (weights[w + 1] as number) *
                ((table[at + (offsets[o + 4] as number)] as number) -
                  (table[at + (offsets[o + 5] as number)] as number) -
                  (table[at + (offsets[o + 6] as number)] as number) +
                  (table[at + (offsets[o + 7] as number)] as number));
            const third = weights[w + 2] as number;
            if (third !== 0) {
              value +=
                third *
                ((table[at + (offsets[o + 8] as number)] as number) -
                  (table[at + (offsets[o + 9] as number)] as number) -
                  (table[at + (offsets[o + 10] as number)] as number) +
                  (table[at + (offsets[o + 11] as number)] as number));
            }
            next = (value * scale < (nodeThresholds[asked] as number) ? nodeLeft[asked] : nodeRight[asked]) as number;
          } while (next > 0);
          votes += leaves[leaf - next] as number;
          const nodes = treeNodes[tree] as number;
          node += nodes;
          leaf += nodes + 1;
        }
        if (votes < (stageThresholds[stage] as number)) break;
      }
      if (stage === stageTrees.length) passes(x, y);
      // What the first stage refuses has no face beside it either. (OpenCV)
      else if (stage === 0) x += step;
    }
  }
}

/** The features for an integral image of one stride: 12 offsets and 3 weights each, and whether to read the tilted one. */
function layOut({ features }: Cascade, stride: number) {
  const offsets = new Int32Array(features.length * 12);
  const weights = new Float32Array(features.length * 3);
  const tables = Uint8Array.from(features, ({ tilted }) => (tilted ? 1 : 0));
  features.forEach(({ tilted, rectangles }, i) => {
    rectangles.forEach(({ x, y, width, height, weight }, j) => {
      const corners = tilted ? tiltedCornersOf(x, y, width, height, stride) : cornersOf(x, y, width, height, stride);
      offsets.set(corners, i * 12 + j * 4);
      weights[i * 3 + j] = weight;
    });
  });
  return { offsets, weights, tables };
}

/** Where in an integral image a rectangle's corners are; its sum is the first, less the second and third, plus the fourth. */
function cornersOf(
  x: number,
  y: number,
  width: number,
  height: number,
  stride: number,
): [number, number, number, number] {
  const [top, bottom] = [y * stride + x, (y + height) * stride + x];
  return [top, top + width, bottom, bottom + width];
}

/** The same for the tilted one: from the top corner (x, y) the width runs down to the right, the height down to the left. */
function tiltedCornersOf(x: number, y: number, width: number, height: number, stride: number) {
  const at = (u: number, v: number) => v * stride + u;
  return [
    at(x, y),
    at(x - height, y + height),
    at(x + width, y + width),
    at(x + width - height, y + width + height),
  ] as const;
}
