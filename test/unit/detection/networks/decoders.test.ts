import { describe, expect, test } from 'vitest';
import { ssdDecoder } from '../../../../lib/detection/networks/ssd.ts';
import { yoloDecoder } from '../../../../lib/detection/networks/yolo.ts';

const none = new Float32Array();
const logit = (probability: number) => Math.log(probability / (1 - probability));
const box = { scale: 1, shift: 0 };

describe('ssdDecoder', () => {
  const decode = ssdDecoder({ type: 'ssd', box }, 512, 0.1);

  test('decodes boxes in pixels and suppresses overlapping candidates', () => {
    const centres = Float32Array.from([0.5, 0.25, 0.5, 0.26, 0.9, 0.9]);
    const sizes = Float32Array.from([0.2, 0.1, 0.2, 0.1, 0.1, 0.1]);
    const logits = Float32Array.from([0.6, 0.9, 0.05].flatMap((score) => [9, logit(score), 9]));
    const [face, ...rest] = decode([centres, sizes, logits]);
    expect(rest).toEqual([]);
    expect(face?.score).toBeCloseTo(0.9, 5);
    expect(face?.box.x).toBeCloseTo((0.26 - 0.05) * 512, 3);
    expect(face?.box.y).toBeCloseTo((0.5 - 0.1) * 512, 3);
    expect(face?.box.width).toBeCloseTo(51.2, 3);
    expect(face?.box.height).toBeCloseTo(102.4, 3);
    expect(face?.roll).toBe(0);
  });
});

describe('yoloDecoder', () => {
  test('decodes boxes in pixels from cell and anchor', () => {
    const anchors: [number, number][] = [
      [1, 2],
      [3, 1],
    ];
    const decode = yoloDecoder({ type: 'yolo', anchors, box }, 416, 0.1);
    const grid = new Float32Array(13 * 13 * 2 * 5).fill(-9);
    // The second anchor of row 4, column 6: centred in the cell, as wide as the anchor and twice as high.
    grid.set([0, 0, 0, Math.log(2), logit(0.8)], ((4 * 13 + 6) * 2 + 1) * 5);
    const [face, ...rest] = decode([grid, none, none]);
    expect(rest).toEqual([]);
    expect(face?.score).toBeCloseTo(0.8, 5);
    expect(face?.box.width).toBeCloseTo(3 * 32, 3);
    expect(face?.box.height).toBeCloseTo(2 * 32, 3);
    expect(face?.box.x).toBeCloseTo(6.5 * 32 - 48, 3);
    expect(face?.box.y).toBeCloseTo(4.5 * 32 - 32, 3);
  });
});
