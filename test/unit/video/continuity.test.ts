import { describe, expect, test } from 'vitest';
import { type Actor, startVideo } from './synthetic-video.ts';

/** The maximum time and the maximum number of frames for which a wrong name may be shown. */
const maxWrongTime = 500;
const maxWrongFrames = 3;

const rates = [2, 4, 10, 30];
const hidden = Array.from({ length: 6 }, (_, i) => i);

/** The number of frames, from the first one that shows other people, in which a face has the name of the person before. */
function wrongFrames(video: ReturnType<typeof startVideo>, before: number[], after: readonly Actor[]): number {
  const wrong = Array.from({ length: 40 }, () => {
    video.show(...after);
    return video.names().some((name, i) => name === before[i]);
  });
  return wrong.lastIndexOf(true) + 1;
}

describe('after a cut to another person at the same place', () => {
  test.each(rates)('a name is not kept for long, at %d frames a second', (fps) => {
    const limit = Math.max(maxWrongFrames, (maxWrongTime / 1000) * fps);
    for (const colour of [undefined, 0]) {
      const video = startVideo({ fps, enrolled: [0, 1] });
      video.repeat(3 * fps + 3, { x: 0, person: 0 });
      expect(video.names()).toEqual([0]);
      expect(wrongFrames(video, [0], [{ x: 0, person: 1, ...(colour !== undefined && { colour }) }])).toBeLessThan(
        limit,
      );
      expect(video.names()).toEqual([1]);
    }
  });

  test.each(rates)('the id and the template are new, at %d frames a second', (fps) => {
    const video = startVideo({ fps });
    expect(video.repeat(3 * fps + 3, { x: 0, person: 0 }).at(-1)).toEqual([0]);
    expect(video.repeat(fps + 3, { x: 0, person: 1 }).at(-1)).toEqual([1]);
    const template = video.tracker.visible[0]?.embedding;
    expect(template?.embedding[1]).toBe(1);
    expect(template?.embedding[0]).toBe(0);
  });

  test.each(rates)('none of six names is kept for long, at %d frames a second', (fps) => {
    const limit = Math.max(maxWrongFrames, (maxWrongTime / 1000) * fps);
    for (const colour of [undefined, 0]) {
      const video = startVideo({ fps, enrolled: hidden });
      const actors = hidden.map((i) => ({ x: i * 200, person: i, ...(colour !== undefined && { colour }) }));
      video.repeat(3 * fps + 10, ...actors);
      expect(video.names()).toEqual(hidden);
      const others = actors.map((actor, i) => ({ ...actor, person: (i + 1) % 6 }));
      // Each face now shows the person whose track is beside it.
      const wrong = Array.from({ length: 40 }, () => {
        video.show(...others);
        return video.tracker.visible.some(({ face, identity }) => {
          const shown = others[Math.round(face.box.x / 200)]?.person;
          return identity.status === 'known' && Number(identity.person.id) !== shown;
        });
      });
      expect(wrong.lastIndexOf(true) + 1).toBeLessThanOrEqual(limit);
    }
  });

  test('the first name returns with its person', () => {
    const video = startVideo({ enrolled: [0] });
    video.repeat(60, { x: 0, person: 0 });
    expect(video.repeat(30, { x: 0, person: 1 }).at(-1)).toEqual([1]);
    expect(video.repeat(30, { x: 0, person: 0 }).at(-1)).toEqual([0]);
    expect(video.names()).toEqual([0]);
  });
});

test('a restart of the video ends the names at once, and faces that return get their ids back', () => {
  const video = startVideo({ enrolled: [0, 1] });
  video.repeat(60, { x: 0, person: 0 });
  video.tracker.restart();
  expect(video.show({ x: 0, person: 1 })).toEqual([]);
  expect(video.repeat(30, { x: 0, person: 1 }).at(-1)).toEqual([1]);
  expect(video.names()).toEqual([1]);
  video.tracker.restart();
  expect(video.repeat(30, { x: 300, person: 0 }).at(-1)).toEqual([0]);
  expect(video.names()).toEqual([0]);
});

test.each([0.3, 1])('two faces keep their ids while a film is played again and again, at %d frames a second', (fps) => {
  const video = startVideo({ fps, enrolled: [0, 1] });
  const actors = [
    { x: 0, person: 0 },
    { x: 400, person: 1 },
  ];
  video.repeat(6, ...actors);
  for (let round = 0; round < 5; round++) {
    video.tracker.restart();
    for (const ids of video.repeat(4, ...actors)) for (const id of ids) expect([0, 1]).toContain(id);
    expect(video.names()).toEqual([0, 1]);
  }
});

test.each(rates)('poor frames neither end a track nor hide its name, at %d frames a second', (fps) => {
  const video = startVideo({ fps, enrolled: [0] });
  video.repeat(3 * fps + 3, { x: 0, person: 0 });
  for (let i = 0; i < 20; i++) {
    // A blurred face whose embedding is another one, for half a second.
    for (const id of video.repeat(Math.ceil(fps / 2), { x: 0, person: 7, quality: 0.2, colour: 3 }))
      expect(id).toEqual([0]);
    expect(video.names()).toEqual([0]);
    video.repeat(5, { x: 0, person: 0 });
    expect(video.names()).toEqual([0]);
  }
});

test('a single wrong embedding does not change an identity', () => {
  const video = startVideo({ enrolled: [0, 1] });
  for (let i = 0; i < 300; i++) {
    video.show({ x: 0, person: i % 10 === 9 ? 1 : 0, colour: 0 });
    if (i > 10) expect(video.names()).toEqual([0]);
  }
});

test.each([2, 5, 30])(
  'each of six settled faces is verified every 500 ms or two frames, at %d frames a second',
  (fps) => {
    const video = startVideo({ fps });
    const actors = hidden.map((i) => ({ x: i * 200, person: i }));
    video.repeat(3 * fps + 20, ...actors);
    const start = video.answers.length;
    video.repeat(10 * fps, ...actors);
    const maxGap = Math.max(2, Math.ceil(0.5 * fps));
    for (const i of hidden) {
      const verified = video.answers.slice(start).flatMap(({ known }, frame) => {
        const face = known[i];
        return face && 'embedding' in face ? [frame] : [];
      });
      const gaps = verified.slice(1).map((frame, n) => frame - (verified[n] as number));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(maxGap);
    }
  },
);

test('settled faces are verified by one crop, at most one face a frame at 30 frames a second', () => {
  const video = startVideo();
  const actors = hidden.map((i) => ({ x: i * 200, person: i }));
  video.repeat(60, ...actors);
  const start = video.answers.length;
  video.repeat(120, ...actors);
  for (const { known } of video.answers.slice(start)) {
    const samples = known.flatMap((face) => (face && 'embedding' in face ? [face] : []));
    expect(samples.length).toBeLessThanOrEqual(1);
    for (const { oneCrop } of samples) expect(oneCrop).toBe(true);
  }
});

describe('while frames are processed more slowly than they come', () => {
  /** Each frame is processed as soon as the last one is answered. */
  const slow = { fps: Number.POSITIVE_INFINITY, landmarksTime: 3, embeddingTime: 12 };
  const actors = hidden.map((i) => ({ x: i * 200, person: i }));

  test('the verifications take a twentieth of the time, in turn', () => {
    const video = startVideo(slow);
    video.repeat(100, ...actors);
    const [start, from] = [video.answers.length, video.time()];
    video.repeat(1000, ...actors);
    const verified = video.answers.slice(start).flatMap(({ known }) => {
      return known.flatMap((face, i) => (face && 'embedding' in face ? [i] : []));
    });
    const share = (verified.length * slow.embeddingTime) / (video.time() - from);
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.06);
    const counts = hidden.map((i) => verified.filter((face) => face === i).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  test('a frame that is requested again adds no time for verifications', () => {
    const video = startVideo({ ...slow, retries: true });
    video.repeat(100, ...actors);
    const [start, from] = [video.requests.length, video.time()];
    video.repeat(1000, ...actors);
    const requested = video.requests.slice(start).flatMap(({ known }) => known.filter(({ verify }) => verify));
    const share = (requested.length * slow.embeddingTime) / (video.time() - from);
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.06);
  });

  test('a cut that changes the picture ends each name as soon as otherwise', () => {
    const video = startVideo({ ...slow, enrolled: hidden });
    video.repeat(200, ...actors);
    expect(video.names()).toEqual(hidden);
    const start = video.time();
    let wrongUntil = start;
    const others = actors.map((actor, i) => ({ ...actor, person: (i + 1) % 6 }));
    for (let i = 0; i < 60; i++) {
      video.show(...others);
      const isWrong = video.tracker.visible.some(({ face, identity }) => {
        const shown = others[Math.round(face.box.x / 200)]?.person;
        return identity.status === 'known' && Number(identity.person.id) !== shown;
      });
      if (isWrong) wrongUntil = video.time();
    }
    expect(wrongUntil - start).toBeLessThanOrEqual(maxWrongTime);
  });
});

test('a face that a cut split off keeps its new id after an empty frame', () => {
  const video = startVideo({ enrolled: [0, 1] });
  expect(video.repeat(60, { x: 0, person: 0 }).at(-1)).toEqual([0]);
  expect(video.repeat(10, { x: 0, person: 1 }).at(-1)).toEqual([1]);
  video.show();
  const after = Array.from({ length: 10 }, () => {
    const ids = video.show({ x: 0, person: 1 });
    expect(video.names()).not.toContain(0);
    return ids;
  });
  expect(new Set(after.flat())).toEqual(new Set([1]));
});

test('a restart voids the position of a track without samples', () => {
  const video = startVideo();
  // Only the first of two faces has samples when the second one has an id.
  video.show({ x: 0, person: 0, colour: 0 }, { x: 400, person: 1, colour: 0 });
  expect(video.show({ x: 0, person: 0, colour: 0 }, { x: 400, person: 1, colour: 0 })).toEqual([0, 1]);
  const [, second] = video.tracker.visible;
  expect(second?.samples).toEqual([]);
  video.tracker.restart();
  const after = video.repeat(20, { x: 400, person: 2, colour: 0 });
  expect(after.flat()).not.toContain(1);
});

test('a head that turns away after one sample that does not match is not embedded in every frame', () => {
  const video = startVideo();
  video.repeat(60, { x: 0, person: 0 });
  const conflicts = () => video.tracker.visible[0]?.uncertain;
  while (!conflicts()) video.show({ x: 0, person: 1, colour: 0 });
  const count = video.requests.length;
  video.repeat(30, { x: 0, person: 1, colour: 0, quality: 0.2 });
  const embedded = video.requests.slice(count).filter(({ known }) => known[0]?.embedAbove === 0);
  expect(embedded.length).toBeGreaterThan(5);
  // At 30 frames a second, three frames are longer than the interval of 80 ms.
  expect(embedded.length).toBeLessThanOrEqual(11);
});

test('poor photos that cannot be compared do not split a track', () => {
  const video = startVideo({ minComparable: 0.4, enrolled: [0] });
  video.repeat(20, { x: 0, person: 0, quality: 0.3 });
  const ids = video.repeat(60, { x: 0, person: 1, quality: 0.3, colour: 0 });
  expect(new Set(ids.flat())).toEqual(new Set([0]));
  expect(video.tracker.visible[0]?.uncertain).toBe(false);
});

test('after a cut between poor photos the name is withheld, until a clear one decides', () => {
  const video = startVideo({ minComparable: 0.4, enrolled: [0, 1] });
  video.repeat(60, { x: 0, person: 0, quality: 0.3 });
  expect(video.names()).toEqual([0]);
  expect(video.repeat(30, { x: 0, person: 1, quality: 0.3 }).at(-1)).toEqual([0]);
  expect(video.names()).toEqual(['undecided']);
  expect(video.tracker.visible[0]?.withheld).toBe(true);
  video.repeat(30, { x: 0, person: 1, quality: 0.9 });
  expect(video.names()).toEqual([1]);
});
