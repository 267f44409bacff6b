import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Landmarks } from '../../../lib/core/types.ts';
import { challenge } from '../../../lib/liveness/challenge.ts';
import {
  advanceChallenge,
  beginChallenge,
  type ChallengeState,
  type Prompt,
  type Sight,
} from '../../../lib/liveness/challenge-state.ts';
import { drawGestures, type Gesture, gestureProgress, gestures } from '../../../lib/liveness/gestures.ts';
import { eyeAspectRatio, measureExpression } from '../../../lib/liveness/measures.ts';

const degrees = Math.PI / 180;

/** What a made-up head does: the angles in degrees, and how far its eyes are open, 1 at rest. */
interface Act {
  yaw?: number;
  pitch?: number;
  open?: number;
}

/** Places of a usual head, x to the right of the picture, y downwards, z away from the camera, by the mesh's points. */
function head(open: number): Record<number, [number, number, number]> {
  const lid = 0.045 * open;
  const eye = (outer: number, inner: number): [number, number, number][] =>
    [0, 1 / 3, 2 / 3, 1].map((t) => [outer + t * (inner - outer), -0.375, 0.3 - 0.05 * t]);
  const at = (place: [number, number, number] | undefined, up: number): [number, number, number] => {
    const [x, y, z] = place as [number, number, number];
    return [x, y - up, z];
  };
  const [right, left] = [eye(-0.5, -0.19), eye(0.19, 0.5)];
  return {
    33: at(right[0], 0),
    160: at(right[1], lid),
    158: at(right[2], lid),
    133: at(right[3], 0),
    153: at(right[2], -lid),
    144: at(right[1], -lid),
    362: at(left[0], 0),
    385: at(left[1], lid),
    387: at(left[2], lid),
    263: at(left[3], 0),
    373: at(left[2], -lid),
    380: at(left[1], -lid),
    1: [0, 0, 0],
    2: [0, 0.13, 0.12],
    61: [-0.31, 0.333, 0.278],
    291: [0.31, 0.333, 0.278],
  };
}

function landmarks({ yaw = 0, pitch = 0, open = 1 }: Act): Landmarks {
  const points = Array.from({ length: 468 }, () => ({ x: 0, y: 0 }));
  const [cy, sy, cp, sp] = [yaw, pitch].flatMap((angle) => [Math.cos(angle * degrees), Math.sin(angle * degrees)]);
  for (const [index, [x, y, z]] of Object.entries(head(open))) {
    const [turnedX, turnedZ] = [x * (cy as number) - z * (sy as number), x * (sy as number) + z * (cy as number)];
    const tiltedY = y * (cp as number) - turnedZ * (sp as number);
    points[Number(index)] = { x: 320 + 100 * turnedX, y: 240 + 100 * tiltedY };
  }
  return { scheme: 'mesh-468', points };
}

/** Plays acts at 20 frames a second after a face has been still for half a second. */
function play(asked: readonly Gesture[], acts: readonly (Act | Sight['faces'])[], timeout = 2000): ChallengeState {
  let state = beginChallenge(asked, timeout, 0);
  const still: Act[] = Array(10).fill({});
  for (const [i, act] of [...still, ...acts].entries()) {
    const faces = Array.isArray(act) ? act : [{ id: 7, landmarks: landmarks(act as Act) }];
    state = advanceChallenge(state, { time: 50 * i, faces });
  }
  return state;
}

/** What fulfils each gesture, ten frames there and ten back. */
const performances: Record<Gesture, Act[]> = {
  blink: ramp((open) => ({ open: 1 - open })),
  'turn-left': ramp((share) => ({ yaw: 30 * share })),
  'turn-right': ramp((share) => ({ yaw: -30 * share })),
  nod: ramp((share) => ({ pitch: 20 * share })),
};

function ramp(act: (share: number) => Act): Act[] {
  return Array.from({ length: 21 }, (_, i) => act(1 - Math.abs(i - 10) / 10));
}

describe('the measures', () => {
  test('the eye aspect ratio is the mean height over the width, whatever the size', () => {
    // Each eye is 0.31 wide and 0.09 high at both pairs of lid points, in units of 100 pixels.
    expect(eyeAspectRatio(landmarks({}))).toBeCloseTo(0.09 / 0.31, 2);
    expect(eyeAspectRatio(landmarks({ open: 0 }))).toBeCloseTo(0, 10);
    const large = landmarks({}).points.map(({ x, y }) => ({ x: 3 * x + 5, y: 3 * y - 9 }));
    expect(eyeAspectRatio({ scheme: 'mesh-468', points: large })).toBeCloseTo(eyeAspectRatio(landmarks({})), 10);
  });

  test.each([
    [25, 0],
    [-25, 0],
    [0, 15],
    [0, -15],
  ])('the pose of a head turned by %d° and tilted by %d° is told', (yaw, pitch) => {
    const told = measureExpression(landmarks({ yaw, pitch }));
    expect(told.yaw / degrees).toBeCloseTo(yaw, -1);
    expect(told.pitch / degrees).toBeCloseTo(pitch, -1);
  });
});

describe('a challenge', () => {
  test.each(gestures)('is passed by doing what it asks: %s', (gesture) => {
    const { result } = play([gesture], performances[gesture]);
    expect(result).toMatchObject({ passed: true, face: 7, steps: [{ gesture }] });
  });

  test('asks for one gesture after the other, and counts from when it asked', () => {
    const all: Gesture[] = ['nod', 'turn-left', 'blink', 'turn-right'];
    const { result } = play(
      all,
      all.flatMap((gesture) => performances[gesture]),
    );
    expect(result).toMatchObject({ passed: true, steps: all.map((gesture) => ({ gesture })) });
    for (const { milliseconds } of result?.steps ?? []) expect(milliseconds).toBeLessThan(1600);
  });

  test('does not take a gesture that was begun but not ended, nor eyes that look closed because the head is turned', () => {
    expect(play(['blink'], Array(50).fill({ open: 0 })).result).toMatchObject({ passed: false, reason: 'timeout' });
    const away: Act[] = Array(30).fill({ pitch: 25, open: 0.3 });
    expect(play(['blink'], away).result).toBeUndefined();
    expect(
      gestureProgress(
        'blink',
        measureExpression(landmarks({ pitch: 25, open: 0.3 })),
        measureExpression(landmarks({})),
      ),
    ).toBe(0);
  });

  test('forgives a blink, but not a turn that nobody asked for', () => {
    expect(play(['turn-left'], [...performances.blink, ...performances['turn-left']], 5000).result?.passed).toBe(true);
    for (const [asked, done] of [
      ['turn-left', 'turn-right'],
      ['turn-right', 'turn-left'],
      ['blink', 'turn-left'],
      ['nod', 'turn-right'],
    ] as const) {
      expect(play([asked], performances[done]).result).toMatchObject({ passed: false, reason: 'wrong-gesture' });
    }
  });

  test('is failed when the face goes, changes, or is joined by another', () => {
    const me = { id: 7, landmarks: landmarks({}) };
    const failure = (acts: readonly (Act | Sight['faces'])[]) => play(['nod'], acts).result;
    expect(failure(Array(25).fill([]))).toMatchObject({ passed: false, reason: 'face-lost' });
    expect(failure([...Array(10).fill([]), ...performances.nod])?.passed).toBe(true);
    expect(failure([[{ ...me, id: 8 }]])).toMatchObject({ passed: false, reason: 'face-changed' });
    expect(failure([[me, { ...me, id: 8 }]])).toMatchObject({ passed: false, reason: 'several-faces' });
  });

  test('begins only when one face looks straight and keeps still', () => {
    let state = beginChallenge(['nod'], 60_000, 0);
    for (let i = 0; i < 60; i++) {
      const restless = { yaw: i % 2 ? 6 : -6 };
      const acts: Act[][] = [[{ yaw: 40 }], [restless], [{}, { yaw: 5 }]];
      const faces = (acts[Math.floor(i / 20)] as Act[]).map((act, id) => ({ id, landmarks: landmarks(act) }));
      state = advanceChallenge(state, { time: 50 * i, faces });
    }
    expect(state).toMatchObject({ prompt: 'look-straight', steps: [] });
    expect(state.neutral).toBeUndefined();
  });

  test('is never passed by a picture that is held still, however the landmarks tremble', () => {
    const tremble = fc.array(
      fc.record({
        yaw: fc.double({ min: -3, max: 3, noNaN: true }),
        pitch: fc.double({ min: -3, max: 3, noNaN: true }),
        open: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
      }),
      { minLength: 40, maxLength: 80 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...gestures), tremble, (gesture, acts) => {
        expect(play([gesture], acts, 60_000).result).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test('stays as it came out', () => {
    const passed = play(['nod'], performances.nod);
    expect(advanceChallenge(passed, { time: 1e9, faces: [] })).toBe(passed);
  });
});

describe('the gestures', () => {
  test('are drawn by chance, none twice in a row, all of them now and then', () => {
    const drawn = drawGestures(400, gestures);
    expect(drawn).toHaveLength(400);
    expect(drawn.filter((gesture, i) => gesture === drawn[i - 1])).toEqual([]);
    for (const gesture of gestures) {
      expect(drawn.filter((each) => each === gesture).length).toBeGreaterThan(50);
    }
    expect(drawGestures(2, ['nod'])).toEqual(['nod', 'nod']);
  });
});

describe('challenge()', () => {
  /** Somebody who does as the prompt says, and whether the frames were ended. */
  function obedient() {
    const asked: Prompt[] = [];
    const film = { asked, ended: false, frames: act() };
    async function* act(): AsyncGenerator<Sight> {
      try {
        for (;;) {
          const prompt = asked.at(-1);
          const acts = prompt === undefined || prompt === 'look-straight' ? [{}] : performances[prompt];
          for (const each of acts) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            yield { time: performance.now(), faces: [{ id: 3, landmarks: landmarks(each) }] };
            if (asked.at(-1) !== prompt) break;
          }
        }
      } finally {
        film.ended = true;
      }
    }
    return film;
  }

  test('prompts, and is passed by who does as it says', async () => {
    const film = obedient();
    const result = await challenge(film.frames, { count: 4, onPrompt: (prompt) => film.asked.push(prompt) });
    expect(result).toMatchObject({ passed: true, face: 3 });
    expect(film.asked).toEqual(['look-straight', ...result.steps.map(({ gesture }) => gesture)]);
    expect(film.ended).toBe(true);
  });

  test('ends by a signal, when the video does, and in time where no frame comes', async () => {
    const film = obedient();
    const controller = new AbortController();
    setTimeout(() => controller.abort('enough'), 20);
    await expect(challenge(film.frames, { onPrompt: () => {}, signal: controller.signal })).rejects.toBe('enough');
    await expect.poll(() => film.ended).toBe(true);
    await expect(challenge(obedient().frames, { onPrompt: () => {}, signal: AbortSignal.abort('no') })).rejects.toBe(
      'no',
    );

    async function* over(): AsyncGenerator<Sight> {}
    expect(await challenge(over(), { onPrompt: () => {} })).toEqual({
      passed: false,
      reason: 'video-ended',
      steps: [],
    });
    async function* stuck(): AsyncGenerator<Sight> {
      await new Promise(() => {});
    }
    expect(await challenge(stuck(), { onPrompt: () => {}, timeout: 20 })).toMatchObject({ reason: 'timeout' });
    async function* broken(): AsyncGenerator<Sight> {
      yield { time: 0, faces: [] };
      throw new Error('the camera is gone');
    }
    await expect(challenge(broken(), { onPrompt: () => {} })).rejects.toThrow('the camera is gone');
  });

  test.each([
    { gestures: [] },
    { gestures: ['wink'] },
    { count: 0 },
    { count: 1.5 },
    { timeout: 0 },
    { timeout: 2 ** 31 },
    { onPrompt: undefined },
  ])('refuses %o', async (wrong) => {
    const call = challenge(obedient().frames, { onPrompt: () => {}, ...(wrong as object) });
    await expect(call).rejects.toMatchObject({ code: 'option-invalid' });
  });
});
