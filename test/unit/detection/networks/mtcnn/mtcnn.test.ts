import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../../../../lib/core/types.ts';
import type { SearchArea } from '../../../../../lib/detection/detector.ts';
import { mtcnnDetector } from '../../../../../lib/detection/networks/mtcnn/mtcnn.ts';
import { windowsAlong } from '../../../../../lib/detection/networks/mtcnn/pyramid.ts';
import { pixelPicture } from '../../../../../lib/image/pixel-picture.ts';
import type { DetectionDescriptor, ModelDescriptor } from '../../../../../lib/models/manifest.ts';
import { recordingNetwork } from '../../../../support/recording-network.ts';

/** A face of the test: a white square, with a blue one of a third of its side in its middle. */
interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

function pictureOf(width: number, height: number, faces: readonly Rectangle[]): Pixels {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  const inside = (x: number, y: number, { x: left, y: top, width: w, height: h }: Rectangle) =>
    x >= left && x < left + w && y >= top && y < top + h;
  const middle = ({ x, y, width: w, height: h }: Rectangle) => ({
    x: x + w / 3,
    y: y + h / 3,
    width: w / 3,
    height: h / 3,
  });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isFace = faces.some((face) => inside(x, y, face));
      const isMiddle = faces.some((face) => inside(x, y, middle(face)));
      data.set([isFace && !isMiddle ? 255 : 0, isFace && !isMiddle ? 255 : 0, isFace ? 255 : 0], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** The similarity of a window to a face: 1 minus the mean difference. */
function scoreOf({ data, width }: Pixels, left: number, top: number): number {
  let difference = 0;
  for (let y = 0; y < 12; y++) {
    for (let x = 0; x < 12; x++) {
      const expected = x >= 4 && x < 8 && y >= 4 && y < 8 ? 0 : 255;
      difference += Math.abs((data[((top + y) * width + left + x) * 4] as number) - expected);
    }
  }
  return 1 - difference / (255 * 144);
}

function propose(image: Pixels): Float32Array[] {
  const windows = windowsAlong(image.width);
  const probabilities = new Float32Array(windows * windows * 2);
  for (let i = 0; i < windows * windows; i++) {
    probabilities[2 * i + 1] = scoreOf(image, 2 * (i % windows), 2 * Math.floor(i / windows)) - 0.25;
  }
  return [probabilities, new Float32Array(windows * windows * 4)];
}

/** The corrections from a crop to three times the bounds of the blue square, the score, and the landmarks. */
function correct({ data, width: size }: Pixels): Float32Array[] {
  let [left, top, right, bottom] = [size, size, 0, 0];
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    if ((data[4 * i] as number) > 127 || (data[4 * i + 2] as number) < 128) continue;
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  const [width, height] = [right - left, bottom - top];
  const score = width > size / 4 && height > size / 4 ? 0.9 : 0.1;
  const corrections = [left - width, top - height, right + width - size, bottom + height - size];
  // The eyes are at a quarter and three quarters of the crop, and so on.
  const points = [0.25, 0.75, 0.5, 0.25, 0.75, 0.25, 0.25, 0.5, 0.75, 0.75];
  return [
    Float32Array.of(1 - score, score),
    Float32Array.from(corrections, (value) => value / size),
    Float32Array.from(points),
  ];
}

const descriptor = (size: number) => ({ preprocessing: { width: size, height: size } }) as ModelDescriptor;

async function detectorOf(landmarks: boolean) {
  const [proposal, refinement, output] = await Promise.all([
    recordingNetwork(descriptor(64), propose),
    recordingNetwork(descriptor(24), correct),
    recordingNetwork(descriptor(48), correct),
  ]);
  const head = { type: 'mtcnn', refinement: 'r', output: 'o', box: { scale: 0.8, shift: 0.1 } };
  const networks = { proposal: proposal.network, refinement: refinement.network, output: output.network };
  const detector = mtcnnDetector(networks, { name: 'mtcnn', head } as DetectionDescriptor, { landmarks });
  return { detector, proposal, refinement };
}

const whole = ({ width, height }: Pixels): SearchArea => ({
  width,
  height,
  toSource: { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 },
});

describe('mtcnnDetector', () => {
  // The sides of the windows that cover 20 pixels at the first scale are 20, 28.2, 39.8 and 56.1 pixels.
  const face = { x: 90, y: 40, width: 56, height: 56 };
  const picture = pictureOf(240, 180, [face, { x: 20, y: 120, width: 28, height: 28 }]);

  test('finds faces of several sizes with their landmarks, and gives BlazeFace’s box', async () => {
    const { detector } = await detectorOf(true);
    const faces = await detector.search(pixelPicture(picture), whole(picture), 20);
    expect(faces).toHaveLength(2);
    const large = faces.find(({ box }) => box.width > 30);
    expect(large?.score).toBeCloseTo(0.9, 6);
    // The networks see crops of 24 and 48 pixels, so that a side can be off by a pixel of them.
    expect(Math.abs((large?.landmarks?.box?.x ?? 0) - face.x)).toBeLessThan(3);
    expect(Math.abs((large?.landmarks?.box?.y ?? 0) - face.y)).toBeLessThan(3);
    expect(Math.abs((large?.landmarks?.box?.width ?? 0) - face.width)).toBeLessThan(4);
    expect(Math.abs((large?.box.width ?? 0) - 0.8 * face.width)).toBeLessThan(4);
    expect(Math.abs((large?.box.y ?? 0) + (large?.box.height ?? 0) / 2 - (face.y + 0.6 * face.height))).toBeLessThan(3);
    const { scheme, points = [] } = large?.landmarks ?? {};
    expect(scheme).toBe('points-5');
    [
      [104, 54],
      [132, 54],
      [118, 68],
      [104, 82],
      [132, 82],
    ].forEach(([x, y], i) => {
      expect(Math.hypot((points[i]?.x ?? 0) - (x as number), (points[i]?.y ?? 0) - (y as number))).toBeLessThan(4);
    });
    expect(large?.roll).toBeCloseTo(0, 2);
  });

  test('returns no landmarks unless they are wanted', async () => {
    const { detector } = await detectorOf(false);
    const faces = await detector.search(pixelPicture(picture), whole(picture), 20);
    expect(faces).toHaveLength(2);
    for (const { landmarks } of faces) expect(landmarks).toBeUndefined();
  });

  test('does not search faces smaller than minSize', async () => {
    const { detector, proposal } = await detectorOf(false);
    expect(await detector.search(pixelPicture(picture), whole(picture), 39.8)).toHaveLength(1);
    const searched = proposal.images.length;
    await detector.search(pixelPicture(picture), whole(picture), 20);
    expect(proposal.images.length - searched).toBeGreaterThan(searched);
  });

  test('maps faces from a turned area to source pixels', async () => {
    const { detector } = await detectorOf(true);
    // A quarter turn: the area's x axis points down the picture.
    const area = { width: 180, height: 240, toSource: { a: 0, b: 1, c: -1, d: 0, e: 240, f: 0 } };
    const faces = await detector.search(pixelPicture(picture), area, 20);
    expect(faces).toHaveLength(2);
    const [large] = faces.filter(({ box }) => box.width > 30);
    expect(large?.roll).toBeCloseTo(Math.PI / 2, 1);
    // The upper edge of the turned head is on the right: its right eye is on top.
    const [rightEye] = large?.landmarks?.points ?? [];
    expect(Math.hypot((rightEye?.x ?? 0) - 132, (rightEye?.y ?? 0) - 54)).toBeLessThan(4);
  });
});
