import type { Expression } from './measures.ts';

/** What a person can be asked to do. Left and right are the person's own. */
export type Gesture = 'blink' | 'turn-left' | 'turn-right' | 'nod';

/** Every gesture that there is. */
export const gestures: readonly Gesture[] = ['blink', 'turn-left', 'turn-right', 'nod'];

const degrees = Math.PI / 180;

/**
 * How far from rest each measure must go for a gesture to count: the share by which the eyes close, and radians. The mesh follows
 * a nod by half or less: a face that is animated to look down by 40 degrees measures 11.
 */
const whole = { closing: 0.35, turn: 20 * degrees, nod: 9 * degrees };

/** Eyes are only judged while the head is about where it rests: turned away, or looking down, they look closed. */
const steady = 12 * degrees;

/**
 * How much of a gesture is done: 0 at rest, 1 or more when it counts, below 0 the other way.
 *
 * @param rest what the same face does when it does nothing.
 */
export function progressOf(gesture: Gesture, now: Expression, rest: Expression): number {
  const [yaw, pitch] = [now.yaw - rest.yaw, now.pitch - rest.pitch];
  switch (gesture) {
    case 'blink': {
      const isSteady = Math.max(Math.abs(yaw), Math.abs(pitch)) < steady;
      return isSteady ? (1 - now.openness / rest.openness) / whole.closing : 0;
    }
    // The person's left lies at the right of the picture, where yaw is positive.
    case 'turn-left':
      return yaw / whole.turn;
    case 'turn-right':
      return -yaw / whole.turn;
    case 'nod':
      return pitch / whole.nod;
  }
}

/** Whether a gesture was made that contradicts the one that was asked for. Everybody blinks, and nods a little. */
export function contradicts(asked: Gesture, now: Expression, rest: Expression): boolean {
  return (['turn-left', 'turn-right'] as const).some((turn) => turn !== asked && progressOf(turn, now, rest) >= 1);
}

/**
 * Whether a face looks about straight into the camera, from where every gesture can be made: as seven of eight faces of LFW
 * do by this measure, which is good to some ten degrees.
 */
export function isFrontal({ yaw, pitch }: Expression): boolean {
  return Math.max(Math.abs(yaw), Math.abs(pitch)) < 35 * degrees;
}

/** Gestures by chance, unforeseeable, and none twice in a row where there are several to choose from. */
export function drawGestures(count: number, from: readonly Gesture[]): Gesture[] {
  const drawn: Gesture[] = [];
  while (drawn.length < count) {
    const others = from.filter((gesture) => gesture !== drawn.at(-1));
    const choice = others.length > 0 ? others : from;
    // The remainder favours no gesture by more than one part in a billion.
    const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
    drawn.push(choice[number % choice.length] as Gesture);
  }
  return drawn;
}
