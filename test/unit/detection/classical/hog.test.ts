import { describe, expect, test } from 'vitest';
import { seeded as random } from '../../../../lib/core/random.ts';
import type { Pixels } from '../../../../lib/core/types.ts';
import { blockValues, hogBlocks } from '../../../../lib/detection/classical/hog.ts';
import { blocksAlong, hogSvmDetector, parseHogSvm } from '../../../../lib/detection/classical/hog-svm.ts';
import type { Grey } from '../../../../lib/image/grey.ts';
import { trainLinearSvm } from '../../../../lib/training/classical/linear-svm.ts';
import { trainHogSvm } from '../../../../lib/training/classical/train-hog-svm.ts';

function grey(width: number, height: number, value: (x: number, y: number) => number): Grey {
  const data = new Uint8ClampedArray(width * height).map((_, i) => value(i % width, Math.floor(i / width)));
  return { width, height, data };
}

describe('histograms of oriented gradients', () => {
  test('fill only the two orientation bins next to the direction of a horizontal ramp', () => {
    const { columns, rows, data } = hogBlocks(grey(32, 24, (x) => x * 4));
    expect([columns, rows]).toEqual([3, 2]);
    // A gradient along x has the angle 0°, between the last bin and the first: all others are empty.
    const block = data.subarray(blockValues, 2 * blockValues);
    block.forEach((value, i) => {
      const bin = i % 9;
      if (bin === 0 || bin === 8) expect(value).toBeGreaterThan(0.2);
      else expect(value).toBeCloseTo(0, 5);
    });
    expect(Math.hypot(...block)).toBeCloseTo(1, 2);
  });

  test('fill the middle orientation bin for a vertical ramp', () => {
    const { data } = hogBlocks(grey(16, 16, (_, y) => y * 4));
    const strongest = data.indexOf(Math.max(...data));
    expect(strongest % 9).toBe(4);
  });

  test('are 0 for a flat picture, and do not depend on contrast', () => {
    expect(Math.max(...hogBlocks(grey(16, 16, () => 90)).data)).toBe(0);
    const next = random(5);
    const noise = Array.from({ length: 256 }, () => next() * 100);
    const [weak, strong] = [1, 2].map((k) => hogBlocks(grey(16, 16, (x, y) => k * (noise[y * 16 + x] as number))).data);
    weak?.forEach((value, i) => {
      expect(value).toBeCloseTo(strong?.[i] as number, 1);
    });
  });
});

describe('the linear support vector machine', () => {
  const example = (x: number, y: number, positive: boolean) => ({ values: Float32Array.from([x, y]), positive });

  test('finds the plane with the largest margin between two classes', () => {
    const { weights, bias } = trainLinearSvm(
      [example(1, 0, true), example(1, 1, true), example(-1, 0, false), example(-1, 1, false)],
      { cost: 100, passes: 2000 },
    );
    expect(weights[0]).toBeCloseTo(1, 1);
    expect(weights[1]).toBeCloseTo(0, 1);
    expect(bias).toBeCloseTo(0, 1);
  });

  test('separates separable classes, deterministically', () => {
    const next = random(9);
    const examples = Array.from({ length: 200 }, () => {
      const [x, y] = [next() * 4 - 2, next() * 4 - 2];
      return example(x, y, x + 2 * y > 0.5);
    }).filter(({ values }) => Math.abs((values[0] as number) + 2 * (values[1] as number) - 0.5) > 0.3);
    const plane = trainLinearSvm(examples, { cost: 10, passes: 500 });
    const wrong = examples.filter(
      ({ values: [x = 0, y = 0], positive }) =>
        x * (plane.weights[0] as number) + y * (plane.weights[1] as number) + plane.bias > 0 !== positive,
    );
    expect(wrong).toHaveLength(0);
    expect(trainLinearSvm(examples, { cost: 10, passes: 500 })).toEqual(plane);
  });
});

/** A picture of noise with bright discs that have two dark spots, as simple faces. */
function drawn(seed: number, discs: { x: number; y: number; side: number }[]): Pixels {
  const next = random(seed);
  const [width, height] = [320, 240];
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    let value = 60 + next() * 60;
    for (const disc of discs) {
      const [u, v] = [(x - disc.x) / disc.side - 0.5, (y - disc.y) / disc.side - 0.5];
      if (u * u + v * v < 0.25) value = 200;
      if ((Math.abs(u) - 0.18) ** 2 + (v + 0.12) ** 2 < 0.006) value = 20;
    }
    data.fill(value, i * 4, i * 4 + 3);
  }
  return { width, height, data };
}

describe('the detector', () => {
  test('finds the trained pattern in a picture outside its training set', async () => {
    const picture = (seed: number, discs: { x: number; y: number; side: number }[]) => ({
      pixels: drawn(seed, discs),
      faces: discs.map(({ x, y, side }) => ({ box: { x, y, width: side, height: side }, roll: 0 })),
    });
    const shares: number[] = [];
    const model = await trainHogSvm(
      [picture(1, [{ x: 40, y: 60, side: 60 }]), picture(2, [{ x: 200, y: 100, side: 80 }])],
      { onProgress: (share) => shares.push(share) },
    );
    expect(shares).toEqual([1 / 3, 2 / 3, 1]);
    const detector = hogSvmDetector(parseHogSvm(JSON.stringify(model)));
    // An image of the detector's input size with a disc of 140 pixels at (300, 200).
    const side = detector.inputSize;
    const next = random(7);
    const data = new Uint8ClampedArray(side * side * 4).fill(255);
    for (let i = 0; i < side * side; i++) {
      const [u, v] = [((i % side) - 300) / 140 - 0.5, (Math.floor(i / side) - 200) / 140 - 0.5];
      let value = 60 + next() * 60;
      if (u * u + v * v < 0.25) value = 200;
      if ((Math.abs(u) - 0.18) ** 2 + (v + 0.12) ** 2 < 0.006) value = 20;
      data.fill(value, i * 4, i * 4 + 3);
    }
    const [[face, ...rest] = []] = await detector.find([{ width: side, height: side, data }]);
    expect(rest.filter(({ score }) => score > 0.5)).toEqual([]);
    expect(face?.score).toBeGreaterThan(0.5);
    expect(Math.abs((face?.box.x ?? 0) + (face?.box.width ?? 0) / 2 - 370)).toBeLessThan(30);
    expect(Math.abs((face?.box.y ?? 0) + (face?.box.height ?? 0) / 2 - 270)).toBeLessThan(30);
  });

  test('has one weight per HOG feature of its window', () => {
    expect(blocksAlong(64)).toBe(7);
    const model = { version: 1, window: 16, weights: new Array(blockValues).fill(0), bias: 0 };
    expect(parseHogSvm(JSON.stringify(model)).window).toBe(16);
  });

  test.each([
    '',
    'null',
    '{}',
    '[]',
    JSON.stringify({ version: 2, window: 64, weights: [], bias: 0 }),
    JSON.stringify({ version: 1, window: 60, weights: [], bias: 0 }),
    JSON.stringify({ version: 1, window: 64, weights: [1, 2], bias: 0 }),
    JSON.stringify({ version: 1, window: 16, weights: new Array(blockValues).fill('1'), bias: 0 }),
  ])('rejects the model %j', (json) => {
    expect(() => parseHogSvm(json)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });

  test('rejects training without pictures, without faces or with an invalid window', async () => {
    await expect(trainHogSvm([])).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(trainHogSvm([{ pixels: drawn(1, []), faces: [] }])).rejects.toMatchObject({ code: 'option-invalid' });
    const faces = [{ box: { x: 0, y: 0, width: 9, height: 9 }, roll: 0 }];
    await expect(trainHogSvm([{ pixels: drawn(1, []), faces }], { window: 20 })).rejects.toMatchObject({
      code: 'option-invalid',
    });
  });
});
