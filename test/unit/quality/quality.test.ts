import { describe, expect, test } from 'vitest';
import { seeded as random } from '../../../lib/core/random.ts';
import type { Landmarks, Pixels, Point, Quality } from '../../../lib/core/types.ts';
import { appearanceOf } from '../../../lib/quality/appearance.ts';
import { headPose } from '../../../lib/quality/pose.ts';
import { assessQuality, withEmbedding } from '../../../lib/quality/quality.ts';

/** The generic head model, with y upwards and z towards the camera. */
const head: [index: number, position: [number, number, number]][] = [
  [36, [-225, 170, -135]],
  [45, [225, 170, -135]],
  [30, [0, 0, 0]],
  [48, [-140, -150, -125]],
  [54, [140, -150, -125]],
  [39, [-85, 167, -112]],
  [42, [85, 167, -112]],
  [33, [0, -58, -54]],
];

/** The landmarks of the rotated head under orthographic projection. */
function landmarksOf(yaw: number, pitch: number, roll: number, scale = 0.2): Landmarks {
  const points: Point[] = [];
  for (const [index, [x, up, towards]] of head) {
    let [u, v, w] = [x, -up, -towards];
    [u, w] = [u * Math.cos(yaw) - w * Math.sin(yaw), u * Math.sin(yaw) + w * Math.cos(yaw)];
    [v, w] = [v * Math.cos(pitch) - w * Math.sin(pitch), v * Math.sin(pitch) + w * Math.cos(pitch)];
    [u, v] = [u * Math.cos(roll) - v * Math.sin(roll), u * Math.sin(roll) + v * Math.cos(roll)];
    points[index] = { x: 300 + u * scale, y: 200 + v * scale };
  }
  for (const [eye, outer, inner] of [
    [37, 36, 39],
    [43, 45, 42],
  ] as const) {
    const [a, b] = [points[outer] as Point, points[inner] as Point];
    for (let i = eye; i < eye + 5; i++) points[i] ??= { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }
  // The other points only have to exist.
  for (let i = 0; i < 68; i++) points[i] ??= { x: 300, y: 200 + 400 * scale };
  return { scheme: 'ibug-68', points };
}

describe('head pose', () => {
  test.each([
    [0, 0, 0],
    [0.4, 0, 0],
    [-0.6, 0.2, 0.1],
    [0.1, -0.3, 1.2],
    [0.5, 0.4, -0.9],
  ])('recovers a rotation by yaw %d, pitch %d and roll %d', (yaw, pitch, roll) => {
    const pose = headPose(landmarksOf(yaw, pitch, roll));
    expect(pose.yaw).toBeCloseTo(yaw, 1);
    expect(pose.pitch).toBeCloseTo(pitch, 1);
    expect(pose.roll).toBeCloseTo(roll, 1);
  });

  test('recovers a rotation from the five points of MTCNN', () => {
    const { points } = landmarksOf(0.3, 0.1, -0.4);
    const centre = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    const at = (index: number) => points[index] as Point;
    const five = [centre(at(36), at(39)), centre(at(45), at(42)), at(30), at(48), at(54)];
    const pose = headPose({ scheme: 'points-5', points: five });
    expect(pose.yaw).toBeCloseTo(0.3, 1);
    expect(pose.pitch).toBeCloseTo(0.1, 1);
    expect(pose.roll).toBeCloseTo(-0.4, 1);
  });

  test('does not depend on the size of the face', () => {
    const [near, far] = [headPose(landmarksOf(0.3, 0.1, 0.2, 1)), headPose(landmarksOf(0.3, 0.1, 0.2, 0.05))];
    expect(far.yaw).toBeCloseTo(near.yaw, 9);
    expect(far.pitch).toBeCloseTo(near.pitch, 9);
  });
});

function grey(size: number, value: (x: number, y: number) => number): Pixels {
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let i = 0; i < size * size; i++) data.fill(value(i % size, Math.floor(i / size)), i * 4, i * 4 + 3);
  return { width: size, height: size, data };
}

describe('appearance', () => {
  test('has a brightness but no contrast for a flat grey image', () => {
    const { brightness, contrast, sharpness } = appearanceOf(grey(50, () => 51));
    expect(brightness).toBeCloseTo(0.2, 5);
    expect(contrast).toBeCloseTo(0, 4);
    expect(sharpness).toBeGreaterThanOrEqual(0);
  });

  test('has the maximum contrast and sharpness for a chessboard of single pixels', () => {
    const { brightness, contrast, sharpness } = appearanceOf(grey(50, (x, y) => ((x + y) % 2 ? 255 : 0)));
    expect(brightness).toBeCloseTo(0.5, 5);
    expect(contrast).toBeCloseTo(0.5, 5);
    // Every pixel differs from its neighbours by 1, twice the contrast.
    expect(sharpness).toBeCloseTo(2, 5);
  });

  test('has a lower sharpness the more the picture is blurred', () => {
    const next = random(3);
    const noise = Array.from({ length: 60 * 60 }, () => next() * 255);
    const blurred = (radius: number) =>
      appearanceOf(
        grey(60, (x, y) => {
          let sum = 0;
          for (let dy = -radius; dy <= radius; dy++) {
            for (let dx = -radius; dx <= radius; dx++)
              sum += noise[((y + dy + 60) % 60) * 60 + ((x + dx + 60) % 60)] ?? 0;
          }
          return sum / (2 * radius + 1) ** 2;
        }),
      ).sharpness;
    expect(blurred(0)).toBeGreaterThan(blurred(1));
    expect(blurred(1)).toBeGreaterThan(blurred(3));
  });
});

describe('overall quality', () => {
  const crop = grey(50, (x) => (x * 37) % 256);
  const assess = (landmarks: Landmarks): Quality => {
    const toPicture = { a: 4, b: 0, c: 0, d: 4, e: 200, f: 100 };
    return assessQuality({ landmarks, crop, toPicture, picture: { width: 600, height: 400 } });
  };
  const of = (landmarks: Landmarks) => assess(landmarks).overall;

  test.each([
    [
      'magnitude',
      { measure: 'magnitude', median: 70, deviation: 8 },
      [{ magnitude: 60 }, { magnitude: 70 }, { magnitude: 80 }],
    ],
    [
      'stability',
      { measure: 'spread', median: 0.1, deviation: 0.02 },
      [0.99, 0.99499, 0.998].map((stability) => ({ stability })),
    ],
  ] as const)('increases with the %s, is 0.5 for the median face, and 0 without a face', (_, reference, embedded) => {
    const face = assess(landmarksOf(0, 0, 0));
    const [poor, typical, good] = embedded.map((measures) => withEmbedding(face, measures, reference).overall) as [
      number,
      number,
      number,
    ];
    expect(poor).toBeLessThan(typical);
    expect(typical).toBeCloseTo(0.5, 2);
    expect(typical).toBeLessThan(good);
    const absent = assess({ ...landmarksOf(0, 0, 0), presence: 0 });
    expect(withEmbedding(absent, embedded[2], reference).overall).toBe(0);
  });

  test('does not depend on the embedding without a reference', () => {
    const face = assess(landmarksOf(0, 0, 0));
    expect(withEmbedding(face, { magnitude: 3, stability: 0.9 }, undefined).overall).toBe(face.overall);
  });

  test('increases with the size of the face if one crop is embedded', () => {
    expect(of(landmarksOf(0, 0, 0, 0.4))).toBeGreaterThan(of(landmarksOf(0, 0, 0, 0.1)));
    expect(of(landmarksOf(0, 0, 0, 0.4))).toBeLessThanOrEqual(1);
  });

  test('includes the distance between the eyes in pixels', () => {
    expect(assess(landmarksOf(0, 0, 0, 0.2)).eyeDistance).toBeCloseTo(310 * 0.2, 3);
  });
});
