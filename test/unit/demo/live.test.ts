import type { Box, TrackedFace } from 'facenet-web';
import { describe, expect, test } from 'vitest';
import { FaceMotion } from '../../../demo/views/live/motion.ts';

const boxAt = (x: number): Box => ({ x, y: 100, width: 80, height: 100 });
const face = (id: number, box: Box): TrackedFace =>
  ({ id, box, landmarks: { points: [{ x: box.x + box.width / 2, y: box.y + 25 }] } }) as unknown as TrackedFace;

describe('FaceMotion', () => {
  test('draws a face that sways at most one frame behind, although frames are processed late', () => {
    /** A head that sways by 200 pixels in three seconds, and the delays of a machine that processes 12 frames a second. */
    const trueX = (time: number) => 200 + 100 * Math.sin((2 * Math.PI * time) / 3000);
    const [interval, delay, frame] = [83, 80, 1000 / 30];
    const fastest = ((100 * 2 * Math.PI) / 3000) * frame;
    const motion = new FaceMotion();
    const drawn: number[] = [];
    let newest = -1;
    for (let now = 0; now < 6000; now += 1000 / 60) {
      const taken = Math.floor((now - delay) / interval) * interval;
      if (taken > newest) motion.update([face(1, boxAt(trueX(taken)))], taken);
      newest = taken;
      const [shown] = motion.at(now, true);
      if (shown && now > 500) drawn.push(Math.abs(shown.box.x - trueX(now)));
    }
    expect(drawn.length).toBeGreaterThan(300);
    expect(Math.max(...drawn)).toBeLessThan(fastest);
  });

  test('does not move a face that stands still, whatever the noise of its box', () => {
    const motion = new FaceMotion();
    motion.update([face(1, boxAt(100))], 0);
    motion.update([face(1, boxAt(101))], 80);
    expect(motion.at(240, true)[0]?.box.x).toBe(101);
  });

  test('stops the prediction after 250 ms', () => {
    const motion = new FaceMotion();
    motion.update([face(1, boxAt(0))], 0);
    motion.update([face(1, boxAt(100))], 100);
    expect(motion.at(350, true)[0]?.box.x).toBe(350);
    expect(motion.at(5000, true)[0]?.box.x).toBe(350);
  });

  test('keeps the landmarks’ relative positions in the moving box', () => {
    const motion = new FaceMotion();
    motion.update([face(1, boxAt(0))], 0);
    motion.update([face(1, { x: 100, y: 100, width: 160, height: 200 })], 100);
    const [shown] = motion.at(150, true);
    const { box, landmarks } = shown as NonNullable<typeof shown>;
    expect(box).toEqual({ x: 150, y: 100, width: 200, height: 250 });
    expect(landmarks.points[0]?.x).toBeCloseTo(box.x + box.width / 2, 6);
    expect(landmarks.points[0]?.y).toBeCloseTo(box.y + (25 / 200) * box.height, 6);
  });

  test('shows faces where they were found with reduced motion', () => {
    const motion = new FaceMotion();
    motion.update([face(1, boxAt(0))], 0);
    motion.update([face(1, boxAt(100))], 10);
    expect(motion.at(100, false)[0]?.box).toEqual(boxAt(100));
  });

  test('keeps a face that is missed briefly, and removes it after 250 ms', () => {
    const motion = new FaceMotion();
    const idsAt = (now: number) => motion.at(now, true).map(({ face }) => face.id);
    motion.update([face(1, boxAt(0)), face(2, boxAt(300))], 0);
    motion.update([face(2, boxAt(300))], 200);
    expect(idsAt(200)).toEqual([1, 2]);
    motion.update([face(2, boxAt(300))], 300);
    expect(idsAt(300)).toEqual([2]);
    motion.update([], 600);
    expect(idsAt(600)).toEqual([]);
  });
});
