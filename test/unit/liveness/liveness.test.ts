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

/** The pose of a synthetic head in degrees, and the opening of its eyes: 1 is neutral, 0 closed. */
interface HeadPose {
  yaw?: number;
  pitch?: number;
  open?: number;
}

/**
 * The 3D points of an average head by mesh index: x to the right of the picture, y downwards, z away from the camera.
 */
function head(open: number): Record<number, [number, number, number]> {
  const lid = 0.045 * open;
  const eye = (outer: number, inner: number): [number, number, number][] =>
    [0, 1 / 3, 2 / 3, 1].map((t) => [outer + t * (inner - outer), -0.375, 0.3 - 0.05 * t]);
  const raised = (point: [number, number, number] | undefined, up: number): [number, number, number] => {
    const [x, y, z] = point as [number, number, number];
    return [x, y - up, z];
  };
  const [right, left] = [eye(-0.5, -0.19), eye(0.19, 0.5)];
  return {
    33: raised(right[0], 0),
    160: raised(right[1], lid),
    158: raised(right[2], lid),
    133: raised(right[3], 0),
    153: raised(right[2], -lid),
    144: raised(right[1], -lid),
    362: raised(left[0], 0),
    385: raised(left[1], lid),
    387: raised(left[2], lid),
    263: raised(left[3], 0),
    373: raised(left[2], -lid),
    380: raised(left[1], -lid),
    1: [0, 0, 0],
    2: [0, 0.13, 0.12],
    61: [-0.31, 0.333, 0.278],
    291: [0.31, 0.333, 0.278],
  };
}

function landmarks({ yaw = 0, pitch = 0, open = 1 }: HeadPose): Landmarks {
  const points = Array.from({ length: 468 }, () => ({ x: 0, y: 0 }));
  const [cy, sy, cp, sp] = [yaw, pitch].flatMap((angle) => [Math.cos(angle * degrees), Math.sin(angle * degrees)]);
  for (const [index, [x, y, z]] of Object.entries(head(open))) {
    const [turnedX, turnedZ] = [x * (cy as number) - z * (sy as number), x * (sy as number) + z * (cy as number)];
    const tiltedY = y * (cp as number) - turnedZ * (sp as number);
    points[Number(index)] = { x: 320 + 100 * turnedX, y: 240 + 100 * tiltedY };
  }
  return { scheme: 'mesh-468', points };
}

/** Advances a challenge by half a second of a still face, then by the given poses or faces, at 20 frames a second. */
function play(
  requested: readonly Gesture[],
  frames: readonly (HeadPose | Sight['faces'])[],
  timeout = 2000,
): ChallengeState {
  let state = beginChallenge(requested, timeout, 0);
  const still: HeadPose[] = Array(10).fill({});
  for (const [i, frame] of [...still, ...frames].entries()) {
    const faces = Array.isArray(frame) ? frame : [{ id: 7, landmarks: landmarks(frame as HeadPose) }];
    state = advanceChallenge(state, { time: 50 * i, faces });
  }
  return state;
}

/** The poses of each gesture: ten frames to its extreme and ten back. */
const performances: Record<Gesture, HeadPose[]> = {
  blink: ramp((open) => ({ open: 1 - open })),
  'turn-left': ramp((share) => ({ yaw: 30 * share })),
  'turn-right': ramp((share) => ({ yaw: -30 * share })),
  nod: ramp((share) => ({ pitch: 20 * share })),
};

function ramp(poseAt: (share: number) => HeadPose): HeadPose[] {
  return Array.from({ length: 21 }, (_, i) => poseAt(1 - Math.abs(i - 10) / 10));
}

describe('measures', () => {
  test('the eye aspect ratio is height over width and invariant to scale', () => {
    // In units of 100 pixels each eye is 0.31 wide and 0.09 high at both pairs of lid points.
    expect(eyeAspectRatio(landmarks({}))).toBeCloseTo(0.09 / 0.31, 2);
    expect(eyeAspectRatio(landmarks({ open: 0 }))).toBeCloseTo(0, 10);
    const large = landmarks({}).points.map(({ x, y }) => ({ x: 3 * x + 5, y: 3 * y - 9 }));
    expect(eyeAspectRatio({ scheme: 'mesh-468', points: large })).toBeCloseTo(eyeAspectRatio(landmarks({})), 10);
  });

  test.each([
    ['points-5', 5],
    ['dlib-5', 5],
  ] as const)('the eye aspect ratio of the landmarks %s is an error', (scheme, length) => {
    const points = Array.from({ length }, (_, i) => ({ x: 10 * i, y: 5 * i }));
    expect(() => eyeAspectRatio({ scheme, points })).toThrow(
      expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining('no outlines of the eyes') }),
    );
  });

  test.each([
    [25, 0],
    [-25, 0],
    [0, 15],
    [0, -15],
  ])('measureExpression() recovers a yaw of %d° and a pitch of %d°', (yaw, pitch) => {
    const measured = measureExpression(landmarks({ yaw, pitch }));
    expect(measured.yaw / degrees).toBeCloseTo(yaw, -1);
    expect(measured.pitch / degrees).toBeCloseTo(pitch, -1);
  });
});

describe('advanceChallenge()', () => {
  test.each(gestures)('passes after the requested gesture: %s', (gesture) => {
    const { result } = play([gesture], performances[gesture]);
    expect(result).toMatchObject({ passed: true, face: 7, steps: [{ gesture }] });
  });

  test('requests the gestures in order and measures the time from each prompt', () => {
    const all: Gesture[] = ['nod', 'turn-left', 'blink', 'turn-right'];
    const { result } = play(
      all,
      all.flatMap((gesture) => performances[gesture]),
    );
    expect(result).toMatchObject({ passed: true, steps: all.map((gesture) => ({ gesture })) });
    for (const { milliseconds } of result?.steps ?? []) expect(milliseconds).toBeLessThan(1600);
  });

  test('does not accept a gesture that does not end, nor a blink of a rotated head', () => {
    expect(play(['blink'], Array(50).fill({ open: 0 })).result).toMatchObject({ passed: false, reason: 'timeout' });
    const lowered: HeadPose[] = Array(30).fill({ pitch: 25, open: 0.3 });
    expect(play(['blink'], lowered).result).toBeUndefined();
    expect(
      gestureProgress(
        'blink',
        measureExpression(landmarks({ pitch: 25, open: 0.3 })),
        measureExpression(landmarks({})),
      ),
    ).toBe(0);
  });

  test('tolerates a blink but fails on a turn that was not requested', () => {
    expect(play(['turn-left'], [...performances.blink, ...performances['turn-left']], 5000).result?.passed).toBe(true);
    for (const [requested, made] of [
      ['turn-left', 'turn-right'],
      ['turn-right', 'turn-left'],
      ['blink', 'turn-left'],
      ['nod', 'turn-right'],
    ] as const) {
      expect(play([requested], performances[made]).result).toMatchObject({ passed: false, reason: 'wrong-gesture' });
    }
  });

  test('fails when the face leaves, changes or is joined by another', () => {
    const face = { id: 7, landmarks: landmarks({}) };
    const resultOf = (frames: readonly (HeadPose | Sight['faces'])[]) => play(['nod'], frames).result;
    expect(resultOf(Array(25).fill([]))).toMatchObject({ passed: false, reason: 'face-lost' });
    expect(resultOf([...Array(10).fill([]), ...performances.nod])?.passed).toBe(true);
    expect(resultOf([[{ ...face, id: 8 }]])).toMatchObject({ passed: false, reason: 'face-changed' });
    expect(resultOf([[face, { ...face, id: 8 }]])).toMatchObject({ passed: false, reason: 'several-faces' });
  });

  test('fails when the video loses its source during the gestures, not before them', () => {
    const waiting: Sight = { state: 'waiting', time: 10, faces: [] };
    const start = beginChallenge(['nod'], 10_000, 0);
    expect(advanceChallenge(start, waiting)).toBe(start);
    const begun = play(['nod'], []);
    expect(begun.neutral).toBeDefined();
    expect(advanceChallenge(begun, { ...waiting, time: begun.promptedAt }).result).toMatchObject({
      passed: false,
      reason: 'video-ended',
    });
  });

  test('starts only when a single face looks straight and keeps still', () => {
    let state = beginChallenge(['nod'], 60_000, 0);
    for (let i = 0; i < 60; i++) {
      const restless = { yaw: i % 2 ? 6 : -6 };
      const scenes: HeadPose[][] = [[{ yaw: 40 }], [restless], [{}, { yaw: 5 }]];
      const poses = scenes[Math.floor(i / 20)] as HeadPose[];
      const faces = poses.map((pose, id) => ({ id, landmarks: landmarks(pose) }));
      state = advanceChallenge(state, { time: 50 * i, faces });
    }
    expect(state).toMatchObject({ prompt: 'look-straight', steps: [] });
    expect(state.neutral).toBeUndefined();
  });

  test('never passes for a still picture with noisy landmarks', () => {
    const noise = fc.array(
      fc.record({
        yaw: fc.double({ min: -3, max: 3, noNaN: true }),
        pitch: fc.double({ min: -3, max: 3, noNaN: true }),
        open: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
      }),
      { minLength: 40, maxLength: 80 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...gestures), noise, (gesture, poses) => {
        expect(play([gesture], poses, 60_000).result).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test('does not change after the result', () => {
    const passed = play(['nod'], performances.nod);
    expect(advanceChallenge(passed, { time: 1e9, faces: [] })).toBe(passed);
  });
});

describe('drawGestures()', () => {
  test('draws every gesture at random, none twice in a row unless it is the only one', () => {
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
  /** Frames of a person who follows the prompts. `ended` tells whether the iteration was ended. */
  function cooperativePerson() {
    const prompts: Prompt[] = [];
    const person = { prompts, ended: false, frames: frames() };
    async function* frames(): AsyncGenerator<Sight> {
      try {
        for (;;) {
          const prompt = prompts.at(-1);
          const poses = prompt === undefined || prompt === 'look-straight' ? [{}] : performances[prompt];
          for (const pose of poses) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            yield { time: performance.now(), faces: [{ id: 3, landmarks: landmarks(pose) }] };
            if (prompts.at(-1) !== prompt) break;
          }
        }
      } finally {
        person.ended = true;
      }
    }
    return person;
  }

  test('prompts the person and passes when the gestures are made', async () => {
    const person = cooperativePerson();
    const result = await challenge(person.frames, { count: 4, onPrompt: (prompt) => person.prompts.push(prompt) });
    expect(result).toMatchObject({ passed: true, face: 3 });
    expect(person.prompts).toEqual(['look-straight', ...result.steps.map(({ gesture }) => gesture)]);
    expect(person.ended).toBe(true);
  });

  test('ends when it is aborted, when the video ends, when frames stop and when they throw', async () => {
    const person = cooperativePerson();
    const controller = new AbortController();
    setTimeout(() => controller.abort('enough'), 20);
    await expect(challenge(person.frames, { onPrompt: () => {}, signal: controller.signal })).rejects.toBe('enough');
    await expect.poll(() => person.ended).toBe(true);
    await expect(
      challenge(cooperativePerson().frames, { onPrompt: () => {}, signal: AbortSignal.abort('no') }),
    ).rejects.toBe('no');

    async function* ended(): AsyncGenerator<Sight> {}
    expect(await challenge(ended(), { onPrompt: () => {} })).toEqual({
      passed: false,
      reason: 'video-ended',
      steps: [],
    });
    async function* paused(): AsyncGenerator<Sight> {
      await new Promise(() => {});
    }
    expect(await challenge(paused(), { onPrompt: () => {}, timeout: 20 })).toMatchObject({ reason: 'timeout' });
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
  ])('throws option-invalid for %o', async (wrong) => {
    const call = challenge(cooperativePerson().frames, { onPrompt: () => {}, ...(wrong as object) });
    await expect(call).rejects.toMatchObject({ code: 'option-invalid' });
  });
});
