import type { Expression } from './measures.ts';

/** A gesture that a challenge can request. Left and right are the person's own. */
export type Gesture = 'blink' | 'turn-left' | 'turn-right' | 'nod';

/** All gestures. */
export const gestures: readonly Gesture[] = ['blink', 'turn-left', 'turn-right', 'nod'];

const degrees = Math.PI / 180;

/**
 * The change from the neutral expression at which a gesture counts: the share by which the eye aspect ratio falls, and
 * angles in radians. The threshold of a nod is low, because the mesh follows a nod by half or less: a face animated to
 * look down by 40 degrees measures 11.
 */
const required = { closing: 0.35, turn: 20 * degrees, nod: 9 * degrees };

/** The maximum rotation from neutral at which a blink is measured. Eyes of a turned or lowered head appear closed. */
const maxBlinkRotation = 12 * degrees;

/**
 * The maximum yaw and pitch of a frontal face. Seven of eight LFW faces are below; the pose is accurate to about 10°.
 */
const maxFrontalRotation = 35 * degrees;

/**
 * The progress of a gesture: 0 at the neutral expression, 1 or more when it counts, negative in the opposite direction.
 *
 * @param neutral the neutral expression of the same face.
 */
export function gestureProgress(gesture: Gesture, current: Expression, neutral: Expression): number {
  const [yaw, pitch] = [current.yaw - neutral.yaw, current.pitch - neutral.pitch];
  switch (gesture) {
    case 'blink': {
      const isSteady = Math.max(Math.abs(yaw), Math.abs(pitch)) < maxBlinkRotation;
      return isSteady ? (1 - current.openness / neutral.openness) / required.closing : 0;
    }
    // The person's left is the right of the picture, where yaw is positive.
    case 'turn-left':
      return yaw / required.turn;
    case 'turn-right':
      return -yaw / required.turn;
    case 'nod':
      return pitch / required.nod;
  }
}

/** Whether the head turns in another direction than requested. Blinks and nods are involuntary and do not count. */
export function contradicts(requested: Gesture, current: Expression, neutral: Expression): boolean {
  return (['turn-left', 'turn-right'] as const).some(
    (turn) => turn !== requested && gestureProgress(turn, current, neutral) >= 1,
  );
}

/** Whether a face is frontal enough for every gesture to be measured. */
export function isFrontal({ yaw, pitch }: Expression): boolean {
  return Math.max(Math.abs(yaw), Math.abs(pitch)) < maxFrontalRotation;
}

/** Draws unpredictable gestures. No gesture is drawn twice in a row unless it is the only one. */
export function drawGestures(count: number, from: readonly Gesture[]): Gesture[] {
  const drawn: Gesture[] = [];
  while (drawn.length < count) {
    const others = from.filter((gesture) => gesture !== drawn.at(-1));
    const choice = others.length > 0 ? others : from;
    // The bias of the remainder is below one part in a billion.
    const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
    drawn.push(choice[number % choice.length] as Gesture);
  }
  return drawn;
}
