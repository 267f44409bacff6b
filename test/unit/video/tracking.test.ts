import { describe, expect, test } from 'vitest';
import type { Landmarks } from '../../../lib/core/types.ts';
import type { Candidate } from '../../../lib/gallery/types.ts';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import type { FrameAnswer, FrameRequest, Sample } from '../../../lib/pipeline/frame.ts';
import { elect, type Identity, type Vote } from '../../../lib/video/identity.ts';
import { Track } from '../../../lib/video/track.ts';
import { Tracker } from '../../../lib/video/tracker.ts';

/** A person of a synthetic video: the position of the face, and the index of the person's embedding. */
interface Actor {
  x: number;
  person: number;
  quality?: number;
}

const size = 100;

function landmarksAt(x: number): Landmarks {
  const points = Array.from({ length: 68 }, (_, i) => ({ x: x + ((i * 37) % size), y: (i * 53) % size }));
  return { scheme: 'ibug-68', points: [{ x, y: 0 }, { x: x + size, y: size }, ...points.slice(2)] };
}

function sampleOf({ x, person, quality = 0.8 }: Actor): Sample {
  const embedding = new Float32Array(8);
  embedding[person] = 1;
  const overall = quality;
  return {
    ...faceOf(landmarksAt(x)),
    embedding,
    model: 'synthetic',
    quality: { overall, eyeDistance: 40, yaw: 0, pitch: 0, roll: 0, sharpness: 0.1, brightness: 0.5, contrast: 0.2 },
    cropQuality: quality,
  };
}

/** A tracker and a synthetic video. The answers of the pipeline follow from the actors of each frame. */
function startVideo(options: { identifies?: boolean; maxFaces?: number } = {}) {
  const asked: FrameRequest[] = [];
  const { identifies = false, maxFaces = Number.POSITIVE_INFINITY } = options;
  const tracker = new Tracker({
    limits: { minScore: 0.5, maxFaces, thorough: false, minSize: { pixels: 8, share: 0.05 } },
    follows: true,
    identifies,
    same: (a, b) => a.every((value, i) => Math.abs(value - (b[i] as number)) < 0.7),
  });
  let now = 0;
  return {
    tracker,
    asked,
    /** Shows the next frame, 33 milliseconds later. */
    show(...actors: Actor[]) {
      now += 33;
      const request = tracker.request(now);
      asked.push(request);
      const left = [...actors];
      const known: FrameAnswer['known'] = request.known.map(({ landmarks, embedAbove }) => {
        const before = faceOf(landmarks).box.x;
        const i = left.findIndex(({ x }) => Math.abs(x - before) < size / 2);
        if (i < 0) return undefined;
        const [actor] = left.splice(i, 1) as [Actor];
        const { quality = 0.8 } = actor;
        return quality > embedAbove || embedAbove === 0 ? sampleOf(actor) : faceOf(landmarksAt(actor.x));
      });
      const found = request.search ? left.slice(0, request.search.maxFaces).map(({ x }) => faceOf(landmarksAt(x))) : [];
      tracker.update({ known, found, elapsed: {} }, now);
      return tracker.inView.map(({ id }) => id);
    },
    wait(milliseconds: number) {
      now += milliseconds;
    },
  };
}

const embeddings = (asked: readonly FrameRequest[]) =>
  asked.flatMap(({ known }) => known.filter(({ embedAbove }) => embedAbove === 0)).length;

describe('Tracker', () => {
  test('keeps the ids of moving faces, in the order of their appearance', () => {
    const { show } = startVideo();
    expect(show({ x: 0, person: 0 })).toEqual([0]);
    for (let i = 1; i < 60; i++) expect(show({ x: i * 5, person: 0 })).toEqual([0]);
    const two = Array.from({ length: 20 }, () => show({ x: 300, person: 0 }, { x: 600, person: 1 }));
    expect(two.at(-1)).toEqual([0, 1]);
  });

  test('detects at intervals, and stops embedding a face with enough samples', () => {
    const { show, asked } = startVideo();
    for (let i = 0; i < 300; i++) show({ x: 0, person: 0 });
    const seconds = (300 * 33) / 1000;
    expect(asked.filter(({ search }) => search).length).toBeLessThanOrEqual(seconds * 4 + 1);
    expect(embeddings(asked)).toBe(3);
  });

  test('embeds a face again when its quality is clearly better, one face per frame', () => {
    const { show, asked, tracker } = startVideo();
    for (let i = 0; i < 60; i++) show({ x: 0, person: 0, quality: 0.3 }, { x: 400, person: 1 });
    const [poor] = tracker.inView;
    expect(poor?.fused?.quality.overall).toBe(0.3);
    expect(poor?.samples).toHaveLength(3);
    for (let i = 0; i < 60; i++) show({ x: 0, person: 0, quality: 0.9 }, { x: 400, person: 1 });
    expect(poor?.fused?.quality.overall).toBe(0.9);
    expect(poor?.samples).toHaveLength(4);
    for (const { known } of asked) {
      expect(known.filter(({ embedAbove }) => embedAbove < Number.POSITIVE_INFINITY).length).toBeLessThanOrEqual(1);
    }
  });

  test('gives a person the same id after an occlusion, at the same position and at another', () => {
    const { show } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 });
    for (let i = 0; i < 10; i++) expect(show()).toEqual([]);
    const here = Array.from({ length: 20 }, () => show({ x: 20, person: 0 }));
    expect(new Set(here.flat())).toEqual(new Set([0]));
    for (let i = 0; i < 10; i++) show();
    const there = Array.from({ length: 20 }, () => show({ x: 700, person: 0 }));
    expect(new Set(there.flat())).toEqual(new Set([0]));
  });

  test('gives another person a new id after an occlusion', () => {
    const { show } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 });
    for (let i = 0; i < 10; i++) show();
    const stranger = Array.from({ length: 20 }, () => show({ x: 700, person: 1 }));
    expect(new Set(stranger.flat())).toEqual(new Set([1]));
    for (let i = 0; i < 10; i++) show();
    const third = Array.from({ length: 30 }, () => show({ x: 700, person: 2 }));
    expect(third.at(-1)).toEqual([2]);
  });

  test('corrects the ids of two people who swapped positions during an occlusion', () => {
    const { show } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 }, { x: 60, person: 1 });
    // From here on the tracks have swapped people.
    const after = Array.from({ length: 40 }, () => show({ x: 0, person: 1 }, { x: 60, person: 0 }));
    expect(after.at(-1)).toEqual([0, 1]);
    const swapped = Array.from({ length: 20 }, () => show({ x: 0, person: 1 }, { x: 400, person: 0 }));
    expect(swapped.at(-1)).toEqual([0, 1]);
  });

  test('forgets a person who left the view long ago', () => {
    const { show, wait } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 });
    show();
    wait(5000);
    show();
    const back = Array.from({ length: 20 }, () => show({ x: 700, person: 0 }));
    expect(back.at(-1)).toEqual([1]);
  });

  test('verifies a face by its embedding after a long gap between frames', () => {
    const { show, wait } = startVideo();
    for (let i = 0; i < 20; i++) show({ x: 0, person: 0 });
    wait(10_000);
    const after = Array.from({ length: 20 }, () => show({ x: 0, person: 1 }));
    expect(after.at(-1)).toEqual([1]);
  });

  test('tracks at most maxFaces faces', () => {
    const { show } = startVideo({ maxFaces: 1 });
    for (let i = 0; i < 40; i++) expect(show({ x: 0, person: 0 }, { x: 400, person: 1 })).toEqual([0]);
  });

  test('fuses embeddings into a unit vector, weighted by quality', () => {
    const track = new Track(faceOf(landmarksAt(0)), 0);
    track.learn(sampleOf({ x: 0, person: 0, quality: 0.9 }));
    track.learn(sampleOf({ x: 0, person: 1, quality: 0.3 }));
    const { embedding, frames } = track.fused as NonNullable<Track['fused']>;
    expect((embedding[0] as number) / (embedding[1] as number)).toBeCloseTo(3, 5);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 6);
    expect(frames).toBe(2);
  });
});

describe('elect()', () => {
  const candidate = (id: string, probability = 0.9): Candidate => ({
    person: { id, name: id, metadata: {} },
    template: `${id} 1`,
    distance: 0.3,
    probability,
  });
  const vote = (id: string | undefined, weight = 0.5, probability = 0.9): Vote => ({
    match: id === undefined ? undefined : candidate(id, probability),
    weight,
  });
  const undecided: Identity = { status: 'undecided' };
  const ada: Identity = { status: 'known', person: candidate('Ada').person, probability: 0.9 };

  test('returns undecided after one vote, and known after two equal votes', () => {
    expect(elect([], undecided)).toEqual(undecided);
    expect(elect([vote('Ada')], undecided)).toEqual(undecided);
    const known = elect([vote('Ada', 0.2, 0.8), vote('Ada', 0.6, 1)], undecided);
    expect(known).toMatchObject({ status: 'known', person: { id: 'Ada' } });
    expect(known).toHaveProperty('probability', expect.closeTo((0.2 * 0.8 + 0.6) / 0.8, 9));
  });

  test('returns unknown without matches, and undecided for split votes', () => {
    expect(elect([vote(undefined)], undecided)).toEqual(undecided);
    expect(elect([vote(undefined), vote(undefined)], undecided)).toEqual({ status: 'unknown' });
    expect(elect([vote('Ada'), vote('Bob')], undecided)).toEqual(undecided);
    expect(elect([vote('Ada'), vote('Ada'), vote('Bob'), vote('Bob')], undecided)).toEqual(undecided);
  });

  test('weights votes by quality', () => {
    const votes = [vote('Ada', 0.9), vote('Ada', 0.9), vote(undefined, 0.05), vote(undefined, 0.05), vote('Bob', 0.1)];
    expect(elect(votes, undecided)).toMatchObject({ status: 'known', person: { id: 'Ada' } });
  });

  test('keeps a name with fewer votes than it needs to win, until another wins or its votes are nearly gone', () => {
    const split = [vote('Ada'), vote('Ada'), vote(undefined), vote(undefined)];
    expect(elect(split, undecided)).toEqual(undecided);
    expect(elect(split, ada)).toMatchObject({ status: 'known', person: { id: 'Ada' } });
    expect(elect([vote('Ada'), vote(undefined), vote(undefined)], ada)).toEqual({ status: 'unknown' });
    const bobWins = [vote('Ada'), vote('Ada'), vote('Bob'), vote('Bob'), vote('Bob')];
    expect(elect(bobWins, ada)).toMatchObject({ status: 'known', person: { id: 'Bob' } });
  });

  test('decides on votes of quality 0', () => {
    expect(elect([vote('Ada', 0), vote('Ada', 0)], undecided)).toMatchObject({ status: 'known' });
  });
});
