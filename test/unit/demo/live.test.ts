import type { Box, TrackedFace } from 'facenet-web';
import { describe, expect, test } from 'vitest';
import { Smoothing } from '../../../demo/views/live/smoothing.ts';

const boxAt = (x: number): Box => ({ x, y: 100, width: 80, height: 100 });
const face = (id: number, box: Box): TrackedFace =>
  ({ id, box, landmarks: { points: [{ x: box.x + box.width / 2, y: box.y + 25 }] } }) as unknown as TrackedFace;

describe('smooth boxes', () => {
  test('a face appears where it is seen, and then glides: always nearer, never beyond, and it arrives', () => {
    const smoothing = new Smoothing();
    smoothing.update([face(1, boxAt(0))], 0);
    expect(smoothing.at(0, false)[0]?.box).toEqual(boxAt(0));
    smoothing.update([face(1, boxAt(100))], 10);
    const places = Array.from({ length: 40 }, (_, i) => smoothing.at(10 + i * 16, false)[0]?.box.x ?? Number.NaN);
    for (const [i, x] of places.entries()) {
      expect(x).toBeGreaterThan(places[i - 1] ?? -1);
      expect(x).toBeLessThan(100);
    }
    // Most of the way within 70 ms, and all of it, to the eye, within the rest.
    expect(places[5]).toBeGreaterThan(63);
    expect(places.at(-1)).toBeCloseTo(100, 1);
  });

  test('how far it glides depends on the time, not on how often the screen is drawn', () => {
    const glide = (step: number) => {
      const smoothing = new Smoothing();
      smoothing.update([face(1, boxAt(0))], 0);
      smoothing.at(0, false);
      smoothing.update([face(1, boxAt(100))], 0);
      for (let now = step; now <= 120; now += step) smoothing.at(now, false);
      return smoothing.at(120, false)[0]?.box.x ?? Number.NaN;
    };
    expect(glide(4)).toBeCloseTo(glide(40), 6);
  });

  test('landmarks lie in the gliding box as they lay in the face', () => {
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

  test('without gliding, where movement disturbs', () => {
    const smoothing = new Smoothing();
    smoothing.update([face(1, boxAt(0))], 0);
    smoothing.at(0, true);
    smoothing.update([face(1, boxAt(100))], 1);
    expect(smoothing.at(1, true)[0]?.box).toEqual(boxAt(100));
  });

  test('a face that is missed for a moment stays, and goes when it stays away; others are not mixed up', () => {
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
