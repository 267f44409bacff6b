import { computed, type ReadonlySignal } from '@preact/signals';
import type { FaceNet, Quality, Verdict } from 'facenet-web';
import { facenetState } from '../../app/facenet.ts';
import { route } from '../../app/router.ts';
import { type FoundFace, Slot } from './slot.ts';

/** The two places, left and right. */
export const slots = [new Slot(), new Slot()] as const;

/** The false-accept rates to choose from, each once in so many pairs of strangers. */
export const rates = ['100', '1000', '10000', '100000'] as const;
export type Rate = (typeof rates)[number];

/** The rate that the address names, as in `#/compare?far=10000`: one pair of strangers in so many is accepted. */
export const rate = computed<Rate>(() => rates.find((one) => one === route.value.parameters.get('far')) ?? '1000');

/** What speaks against trusting a comparison. */
export type Doubt = 'close' | 'small' | 'blurred' | 'turned' | 'tilted' | 'dark' | 'bright' | 'covered';

/** A comparison of the two chosen faces. */
export interface Comparison {
  verdict: Verdict;
  faces: readonly [FoundFace, FoundFace];
  /** Where the scale of distances ends: twice as far as the usual threshold. */
  scaleEnd: number;
  /** Of which photo, 0 or 1, and what; a close decision is of both. */
  doubts: readonly { photo: 0 | 1 | undefined; doubt: Doubt }[];
}

/** The verdict on the two chosen faces; undefined until there are two. */
export const comparison: ReadonlySignal<Comparison | undefined> = computed(() => {
  const network = facenetState.value;
  const [left, right] = slots.map(({ state }) => state.value) as [Slot['state']['value'], Slot['state']['value']];
  if (network.status !== 'ready' || left.status !== 'ready' || right.status !== 'ready') return undefined;
  const faces = [left.faces[left.chosen], right.faces[right.chosen]] as [FoundFace, FoundFace];
  const verdict = compare(network.facenet, faces[0], faces[1], 1 / Number(rate.value));
  return {
    verdict,
    faces,
    scaleEnd: 2 * compare(network.facenet, faces[0], faces[1], 1e-3).threshold,
    doubts: [
      ...(isClose(verdict) ? [{ photo: undefined, doubt: 'close' as const }] : []),
      ...doubtsAbout(faces[0].face.quality).map((doubt) => ({ photo: 0 as const, doubt })),
      ...doubtsAbout(faces[1].face.quality).map((doubt) => ({ photo: 1 as const, doubt })),
    ],
  };
});

/**
 * Chooses the two faces that are most alike, of two photos in which nobody has chosen any yet: who compares photos of groups
 * asks whether somebody is in both.
 */
export function chooseNearest(facenet: FaceNet): void {
  const [left, right] = slots.map(({ state }) => state.peek()) as [Slot['state']['value'], Slot['state']['value']];
  if (left.status !== 'ready' || right.status !== 'ready' || left.byHand || right.byHand) return;
  let nearest = { distance: Number.POSITIVE_INFINITY, a: left.chosen, b: right.chosen };
  for (const [a, one] of left.faces.entries()) {
    for (const [b, other] of right.faces.entries()) {
      const { distance } = compare(facenet, one, other, 1e-3);
      if (distance < nearest.distance) nearest = { distance, a, b };
    }
  }
  slots[0].choose(nearest.a, false);
  slots[1].choose(nearest.b, false);
}

function compare(facenet: FaceNet, a: FoundFace, b: FoundFace, far: number): Verdict {
  return facenet.compare(a.face, b.face, { far });
}

/** Whether a distance is so near to the threshold that another photo might tip it. */
function isClose({ distance, threshold }: Verdict): boolean {
  return Math.abs(distance - threshold) < 0.08 * threshold;
}

function doubtsAbout(quality: Quality): Doubt[] {
  const { eyeDistance, sharpness, yaw, pitch, brightness, presence = 1 } = quality;
  const found: [Doubt, boolean][] = [
    ['small', eyeDistance < 30],
    ['blurred', sharpness < 0.02],
    ['turned', Math.abs(yaw) > 0.5],
    ['tilted', Math.abs(pitch) > 0.5],
    ['dark', brightness < 0.2],
    ['bright', brightness > 0.85],
    ['covered', presence < 0.8],
  ];
  return found.filter(([, is]) => is).map(([doubt]) => doubt);
}
