import { describe, expect, test } from 'vitest';
import type { Pixels, Point } from '../../../../../lib/core/types.ts';
import type { SearchArea } from '../../../../../lib/detection/detector.ts';
import { anchorDetector } from '../../../../../lib/detection/networks/anchors/anchor-detector.ts';
import { anchorViews } from '../../../../../lib/detection/networks/anchors/anchor-views.ts';
import { anchorDecoder } from '../../../../../lib/detection/networks/anchors/decode-anchors.ts';
import { squareCrop } from '../../../../../lib/image/affine.ts';
import { pixelPicture } from '../../../../../lib/image/pixel-picture.ts';
import type { AnchorHead, DetectionDescriptor } from '../../../../../lib/models/manifest.ts';
import { recordingNetwork } from '../../../../support/recording-network.ts';

const [width, height] = [320, 240];

/** A head with an anchor in the centre of each cell of 8 pixels, whose boxes extend one cell to each side. */
const head: AnchorHead = {
  type: 'anchors',
  outputs: { scores: [0], boxes: [1], keypoints: [2] },
  grids: [{ stride: 8, sizes: [8] }],
  offset: 0.5,
  classes: 1,
  activation: 'none',
  boxes: { encoding: 'distances' },
  keypoints: { variance: 1 },
  suppression: { method: 'hard', maxOverlap: 0.3 },
  minScore: 0.5,
  minFace: 12,
  box: { scale: 1, shift: 0 },
};

const descriptor: DetectionDescriptor & { head: AnchorHead } = {
  name: 'own',
  task: 'detection',
  engine: 'tfjs',
  head,
  files: [],
  input: { name: 'image', shape: [-1, height, width, 3] },
  outputs: [],
  preprocessing: { width, height, channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] },
  licence: '',
  trainingData: '',
  source: { package: '', version: '', files: [], conversion: '' },
};

/** Scores each anchor by the red of the cell's centre. The keypoints are at the corners of the box, the nose in its centre. */
function outputsOf({ data }: Pixels): Float32Array[] {
  const [columns, rows] = [width / 8, height / 8];
  const scores = Float32Array.from({ length: columns * rows }, (_, i) => {
    const [x, y] = [(i % columns) * 8 + 4, Math.floor(i / columns) * 8 + 4];
    return (data[(y * width + x) * 4] as number) / 255;
  });
  const points = [-1, -1, 1, -1, 0, 0, -1, 1, 1, 1];
  return [
    scores,
    new Float32Array(scores.length * 4).fill(1),
    Float32Array.from({ length: scores.length * 10 }, (_, i) => points[i % 10] as number),
  ];
}

/** A black picture with red squares about points. */
function picture(size: { width: number; height: number }, side: number, centres: readonly Point[]) {
  const data = new Uint8ClampedArray(size.width * size.height * 4);
  for (const { x, y } of centres) {
    for (let row = y - side / 2; row < y + side / 2; row++) {
      for (let column = x - side / 2; column < x + side / 2; column++) data[(row * size.width + column) * 4] = 255;
    }
  }
  return pixelPicture({ ...size, data });
}

const upright = ({ width, height }: { width: number; height: number }): SearchArea => ({
  width,
  height,
  toSource: { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 },
});

describe('anchorDetector', () => {
  test('finds faces at their place in a picture of other proportions than its input', async () => {
    const { network } = await recordingNetwork(descriptor, outputsOf);
    const size = { width: 600, height: 600 };
    // 2.5 pixels of the picture for each of the input, and bars of 100 pixels on both sides.
    const centre = { x: 600 / 2 + 2.5 * 4, y: 2.5 * 8 * 20 + 2.5 * 4 };
    const detector = anchorDetector(network, descriptor, { landmarks: false });
    const [face, ...rest] = await detector.search(picture(size, 20, [centre]), upright(size), 100);
    expect(rest).toEqual([]);
    expect(face?.box.x).toBeCloseTo(centre.x - 20, 3);
    expect(face?.box.y).toBeCloseTo(centre.y - 20, 3);
    expect(face?.box.width).toBeCloseTo(40, 3);
    expect(face?.roll).toBeCloseTo(0, 6);
    expect(face?.keypoints?.noseTip.x).toBeCloseTo(centre.x, 3);
    expect(face?.keypoints?.mouth.y).toBeCloseTo(centre.y + 20, 3);
    expect(face).not.toHaveProperty('landmarks');
  });

  test('returns the keypoints as landmarks, with the box of the network, if it is asked to', async () => {
    const { network } = await recordingNetwork(descriptor, outputsOf);
    const size = { width: 320, height: 240 };
    const wide = { ...descriptor, head: { ...head, box: { scale: 0.5, shift: 0.25 } } };
    const detector = anchorDetector(network, wide, { landmarks: true });
    const [face] = await detector.search(picture(size, 8, [{ x: 100, y: 60 }]), upright(size), 100);
    expect(face?.box).toEqual({ x: 96, y: 60, width: 8, height: 8 });
    expect(face?.landmarks?.box).toEqual({ x: 92, y: 52, width: 16, height: 16 });
    expect(face?.landmarks?.scheme).toBe('points-5');
    expect(face?.landmarks?.points[4]).toEqual({ x: 108, y: 68 });
  });

  test('turns faces, keypoints and the shift of the box with the searched area', async () => {
    const { network } = await recordingNetwork(descriptor, outputsOf);
    const shifted = { ...descriptor, head: { ...head, box: { scale: 1, shift: 0.5 } } };
    const detector = anchorDetector(network, shifted, { landmarks: true });
    const size = { width: 320, height: 320 };
    const toSource = squareCrop({ x: 160, y: 160 }, 320, Math.PI / 2, 320);
    const [face] = await detector.search(picture(size, 16, [{ x: 100, y: 60 }]), { ...size, toSource }, 100);
    expect(face?.roll).toBeCloseTo(Math.PI / 2, 6);
    const nose = face?.keypoints?.noseTip as Point;
    const { x, y, width: side } = face?.box ?? { x: 0, y: 0, width: 0 };
    // Down the face is to the left of the picture.
    expect(x + side / 2).toBeCloseTo(nose.x - side / 2, 3);
    expect(y + side / 2).toBeCloseTo(nose.y, 3);
    expect(face?.landmarks).not.toHaveProperty('box');
  });

  test('finds small faces in tiles, each once', async () => {
    const { network, images } = await recordingNetwork(descriptor, outputsOf);
    const size = { width: 1600, height: 1200 };
    const detector = anchorDetector(network, descriptor, { landmarks: false });
    const centres = [
      { x: 404, y: 300 },
      { x: 1204, y: 904 },
    ];
    // A red square of 10 pixels in 1600 has two pixels of the input, between the centres of two cells.
    const small = picture(size, 10, centres);
    expect(await detector.search(small, upright(size), 1000)).toEqual([]);
    expect(images).toHaveLength(1);
    const faces = await detector.search(small, upright(size), 12);
    expect(faces).toHaveLength(2);
    for (const { x, y } of centres) {
      const near = faces.some(
        ({ box }) => Math.abs(box.x + box.width / 2 - x) < 8 && Math.abs(box.y + box.height / 2 - y) < 8,
      );
      expect(near).toBe(true);
    }
  });
});

test('candidates without a finite box are dropped', () => {
  const { width, height } = descriptor.preprocessing;
  const scores = new Float32Array((width / 8) * (height / 8)).fill(0.9);
  const boxes = new Float32Array(scores.length * 4).fill(1);
  boxes.set([-2, 1, 1, 1, Number.NaN, 1, 1, 1, 1, Number.POSITIVE_INFINITY, 1, 1]);
  const decode = anchorDecoder('own', head, descriptor.preprocessing);
  expect(decode([scores, boxes, new Float32Array(scores.length * 10)])).toHaveLength(scores.length - 3);
});

describe('anchorViews', () => {
  const input = { width: 320, height: 240 };

  test('have the proportions of the input, and cover the area', () => {
    const area = { width: 1000, height: 500 };
    const views = anchorViews(area, 15, 12, input);
    for (const view of views) expect(view.width / view.height).toBeCloseTo(320 / 240, 6);
    expect(Math.min(...views.map(({ x }) => x))).toBeLessThanOrEqual(0);
    expect(Math.max(...views.map(({ x, width }) => x + width))).toBeGreaterThanOrEqual(1000 - 1e-6);
    expect(Math.max(...views.map(({ y, height }) => y + height))).toBeGreaterThanOrEqual(500 - 1e-6);
  });

  test('are one if the smallest face is large enough in it', () => {
    expect(anchorViews({ width: 1000, height: 500 }, 100, 12, input)).toHaveLength(1);
  });
});
