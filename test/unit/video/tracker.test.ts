import { describe, expect, test } from 'vitest';
import type { FrameRequest } from '../../../lib/pipeline/frame.ts';
import { startVideo } from './synthetic-video.ts';

const countEmbeddings = (requests: readonly FrameRequest[]) =>
  requests.flatMap(({ known }) => known.filter(({ embedAbove }) => embedAbove === 0)).length;

describe('the tracker', () => {
  test('keeps the ids of moving faces, in order of appearance', () => {
    const { show } = startVideo();
    // A face has an id once two frames have shown it.
    expect(show({ x: 0, person: 0 })).toEqual([]);
    for (let i = 1; i < 60; i++) expect(show({ x: i * 5, person: 0 })).toEqual([0]);
    const two = Array.from({ length: 20 }, () => show({ x: 300, person: 0 }, { x: 600, person: 1 }));
    expect(two.at(-1)).toEqual([0, 1]);
  });

  test('detects at most four times a second and stops embedding a settled face', () => {
    const { show, requests } = startVideo();
    for (let i = 0; i < 300; i++) show({ x: 0, person: 0 });
    const seconds = (300 * 33) / 1000;
    expect(requests.filter(({ search }) => search).length).toBeLessThanOrEqual(seconds * 4 + 1);
    expect(countEmbeddings(requests)).toBe(3);
  });

  test('embeds a face again when its quality has improved, at most one face a frame', () => {
    const { show, requests, tracker } = startVideo();
    for (let i = 0; i < 60; i++) show({ x: 0, person: 0, quality: 0.3 }, { x: 400, person: 1 });
    const [poor] = tracker.visible;
    expect(poor?.embedding?.quality.overall).toBe(0.3);
    expect(poor?.samples).toHaveLength(3);
    for (let i = 0; i < 60; i++) show({ x: 0, person: 0, quality: 0.9 }, { x: 400, person: 1 });
    expect(poor?.embedding?.quality.overall).toBe(0.9);
    expect(poor?.samples).toHaveLength(4);
    for (const { known } of requests) {
      expect(known.filter(({ embedAbove }) => embedAbove < Number.POSITIVE_INFINITY).length).toBeLessThanOrEqual(1);
    }
  });

  test('restores the id of a hidden face, at the same place and elsewhere', () => {
    const { show } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 });
    for (let i = 0; i < 10; i++) expect(show()).toEqual([]);
    const samePlace = Array.from({ length: 20 }, () => show({ x: 20, person: 0 }));
    expect(new Set(samePlace.flat())).toEqual(new Set([0]));
    for (let i = 0; i < 10; i++) show();
    const elsewhere = Array.from({ length: 20 }, () => show({ x: 700, person: 0 }));
    expect(new Set(elsewhere.flat())).toEqual(new Set([0]));
  });

  test('assigns a new id to another person, at the place of a hidden face and elsewhere', () => {
    const { show } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 });
    for (let i = 0; i < 10; i++) show();
    const elsewhere = Array.from({ length: 20 }, () => show({ x: 700, person: 1 }));
    expect(new Set(elsewhere.flat())).toEqual(new Set([1]));
    for (let i = 0; i < 10; i++) show();
    const samePlace = Array.from({ length: 30 }, () => show({ x: 700, person: 2 }));
    expect(samePlace.at(-1)).toEqual([2]);
  });

  test('restores the ids of two faces whose ids were exchanged during an occlusion', () => {
    const { show } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 }, { x: 60, person: 1 });
    // The two persons change places within one frame.
    const after = Array.from({ length: 40 }, () => show({ x: 0, person: 1 }, { x: 60, person: 0 }));
    expect(after.at(-1)).toEqual([0, 1]);
    const apart = Array.from({ length: 20 }, () => show({ x: 0, person: 1 }, { x: 400, person: 0 }));
    expect(apart.at(-1)).toEqual([0, 1]);
  });

  test('assigns a new id to a face that was hidden too long', () => {
    const { show, wait } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 });
    show();
    wait(5000);
    show();
    const back = Array.from({ length: 20 }, () => show({ x: 700, person: 0 }));
    expect(back.at(-1)).toEqual([1]);
  });

  test('verifies the person after a long gap between frames', () => {
    const { show, wait } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 });
    wait(10_000);
    const after = Array.from({ length: 20 }, () => show({ x: 0, person: 1 }));
    expect(after.at(-1)).toEqual([1]);
  });

  test('tracks at most maxFaces faces', () => {
    const { show } = startVideo({ maxFaces: 1 });
    show({ x: 0, person: 0 }, { x: 400, person: 1 });
    for (let i = 0; i < 40; i++) expect(show({ x: 0, person: 0 }, { x: 400, person: 1 })).toEqual([0]);
  });

  test.each([5, 15, 30])('keeps one id of a face that enters at the edge, at %d frames a second', (fps) => {
    const { show } = startVideo({ fps });
    const ids = Array.from({ length: 60 }, (_, i) => show({ x: -80 + Math.min(300, i * 20), person: 0 }));
    expect(new Set(ids.flat())).toEqual(new Set([0]));
    for (const visible of ids) expect(visible.length).toBeLessThanOrEqual(1);
  });

  test('gives no id to a face that one frame shows', () => {
    const { show } = startVideo();
    for (let i = 0; i < 10; i++) show({ x: 0, person: 0 });
    show({ x: 0, person: 0 }, { x: 400, person: 1 });
    for (let i = 0; i < 30; i++) expect(show({ x: 0, person: 0 })).toEqual([0]);
    expect(Array.from({ length: 9 }, () => show({ x: 0, person: 0 }, { x: 700, person: 2 })).at(-1)).toEqual([0, 1]);
  });

  test.each([2, 4, 10, 30])('keeps the ids of faces that cross, at %d frames a second', (fps) => {
    const { show } = startVideo({ fps });
    const seconds = 6;
    const ids = Array.from({ length: seconds * fps }, (_, i) => {
      const x = (i / fps) * 90;
      return show({ x, person: 0 }, { x: 500 - x, person: 1 });
    });
    expect(ids.at(-1)).toEqual([0, 1]);
    expect(new Set(ids.flat())).toEqual(new Set([0, 1]));
  });

  test('keeps the id of a face that moves by most of its width in each frame', () => {
    const { show } = startVideo({ fps: 5 });
    const ids = Array.from({ length: 20 }, (_, i) => show({ x: i * 45, person: 0 }));
    expect(new Set(ids.flat())).toEqual(new Set([0]));
    expect(ids.slice(1).every((visible) => visible.length === 1)).toBe(true);
  });

  test('follows faces after a detection that takes longer than faces can be followed', () => {
    const { repeat, requests } = startVideo({ detectionTime: 200 });
    repeat(30, { x: 0, person: 0 });
    const redetections = requests.slice(2).filter(({ redetect }) => redetect).length;
    expect(redetections).toBe(0);
    const slow = startVideo({ fps: 5 });
    slow.repeat(10, { x: 0, person: 0 });
    expect(slow.requests.every(({ redetect }) => redetect)).toBe(true);
  });

  test('detects faces anew in each frame of a slow camera that detection does not delay', () => {
    const { repeat, requests } = startVideo({ fps: 5, detectionTime: 60, delays: false });
    repeat(10, { x: 0, person: 0 });
    expect(requests.every(({ redetect }) => redetect)).toBe(true);
  });
});
