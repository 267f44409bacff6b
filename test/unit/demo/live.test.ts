import type { Box, TrackedFace } from 'facenet-web';
import { describe, expect, test } from 'vitest';
import { Smoothing } from '../../../demo/views/live/smoothing.ts';

const boxAt = (x: number): Box => ({ x, y: 100, width: 80, height: 100 });
const face = (id: number, box: Box): TrackedFace =>
  ({ id, box, landmarks: { points: [{ x: box.x + box.width / 2, y: box.y + 25 }] } }) as unknown as TrackedFace;

describe('Smoothing', () => {
  test('shows a new face in place, then moves it monotonically to its new position', () => {
    const smoothing = new Smoothing();
    smoothing.update([face(1, boxAt(0))], 0);
    expect(smoothing.at(0, false)[0]?.box).toEqual(boxAt(0));
    smoothing.update([face(1, boxAt(100))], 10);
    const positions = Array.from({ length: 40 }, (_, i) => smoothing.at(10 + i * 16, false)[0]?.box.x ?? Number.NaN);
    for (const [i, x] of positions.entries()) {
      expect(x).toBeGreaterThan(positions[i - 1] ?? -1);
      expect(x).toBeLessThan(100);
    }
    // 63 % after one time constant of 70 ms, and practically all by the end.
    expect(positions[5]).toBeGreaterThan(63);
    expect(positions.at(-1)).toBeCloseTo(100, 1);
  });

  test('moves by elapsed time, independently of the refresh rate', () => {
    const positionAfter = (step: number) => {
      const smoothing = new Smoothing();
      smoothing.update([face(1, boxAt(0))], 0);
      smoothing.at(0, false);
      smoothing.update([face(1, boxAt(100))], 0);
      for (let now = step; now <= 120; now += step) smoothing.at(now, false);
      return smoothing.at(120, false)[0]?.box.x ?? Number.NaN;
    };
    expect(positionAfter(4)).toBeCloseTo(positionAfter(40), 6);
  });

  test('keeps the landmarks’ relative positions in the moving box', () => {
    const smoothing = new Smoothing();
    smoothing.update([face(1, boxAt(0))], 0);
    smoothing.at(0, false);
    smoothing.update([face(1, { x: 200, y: 100, width: 160, height: 200 })], 0);
    const [shown] = smoothing.at(50, false);
    const { box, landmarks } = shown as NonNullable<typeof shown>;
    expect(box.width).toBeGreaterThan(80);
    expect(box.width).toBeLessThan(160);
    expect(landmarks[0]?.x).toBeCloseTo(box.x + box.width / 2, 6);
    expect(landmarks[0]?.y).toBeCloseTo(box.y + (25 / 200) * box.height, 6);
  });

  test('moves instantly with reduced motion', () => {
    const smoothing = new Smoothing();
    smoothing.update([face(1, boxAt(0))], 0);
    smoothing.at(0, true);
    smoothing.update([face(1, boxAt(100))], 1);
    expect(smoothing.at(1, true)[0]?.box).toEqual(boxAt(100));
  });

  test('keeps a face that is missed briefly, and removes it after 250 ms', () => {
    const smoothing = new Smoothing();
    const idsAt = (now: number) => smoothing.at(now, false).map(({ face }) => face.id);
    smoothing.update([face(1, boxAt(0)), face(2, boxAt(300))], 0);
    smoothing.update([face(2, boxAt(300))], 200);
    expect(idsAt(200)).toEqual([1, 2]);
    smoothing.update([face(2, boxAt(300))], 300);
    expect(idsAt(300)).toEqual([2]);
    smoothing.update([], 600);
    expect(idsAt(600)).toEqual([]);
  });
});
