import { computed, type ReadonlySignal } from '@preact/signals';
import type { FaceNet, Quality, Verdict } from 'facenet-web';
import { facenetState } from '../../app/facenet.ts';
import { route } from '../../app/router.ts';
import { isClose, type Outcome, outcomeOf } from './outcome.ts';
import { type FoundFace, Slot } from './slot.ts';

/** The two slots, left and right. */
export const slots = [new Slot(), new Slot()] as const;

/** The false-accept rates to choose from, each as the number of pairs of different people per false accept. */
export const farOptions = ['100', '1000', '10000', '100000'] as const;

/** A value of {@link farOptions}. */
export type FarOption = (typeof farOptions)[number];

/** The false-accept rate of the URL: `#/compare?far=10000` is 1 in 10,000. The default is 1 in 1,000. */
export const far = computed<FarOption>(
  () => farOptions.find((option) => option === route.value.parameters.get('far')) ?? '1000',
);

/** A reason why a comparison may be wrong. */
export type Caveat = 'close' | 'small' | 'blurred' | 'turned' | 'tilted' | 'dark' | 'bright' | 'covered';

/** A comparison of the two selected faces. */
export interface Comparison {
  verdict: Verdict;
  outcome: Outcome;
  faces: readonly [FoundFace, FoundFace];
  /** The end of the displayed scale of distances: twice the threshold at the default false-accept rate. */
  scaleEnd: number;
  /** `photo` is the index of the slot. Undefined if the caveat is about both. */
  caveats: readonly { photo: 0 | 1 | undefined; caveat: Caveat }[];
}

/** The comparison of the two selected faces. Undefined until both slots have a face. */
export const comparison: ReadonlySignal<Comparison | undefined> = computed(() => {
  const network = facenetState.value;
  const [left, right] = slots.map(({ state }) => state.value) as [Slot['state']['value'], Slot['state']['value']];
  if (network.status !== 'ready' || left.status !== 'ready' || right.status !== 'ready') return undefined;
  const faces = [left.faces[left.selected], right.faces[right.selected]] as [FoundFace, FoundFace];
  const verdict = compare(network.facenet, faces[0], faces[1], 1 / Number(far.value));
  return {
    verdict,
    outcome: outcomeOf(verdict),
    faces,
    scaleEnd: 2 * compare(network.facenet, faces[0], faces[1], 1e-3).threshold,
    caveats: [
      ...(isClose(verdict) ? [{ photo: undefined, caveat: 'close' as const }] : []),
      ...qualityCaveats(faces[0].face.quality).map((caveat) => ({ photo: 0 as const, caveat })),
      ...qualityCaveats(faces[1].face.quality).map((caveat) => ({ photo: 1 as const, caveat })),
    ],
  };
});

/**
 * Selects the two most similar faces, unless the user has selected one. With two group photos the question is usually whether
 * anyone is in both.
 */
export function selectMostSimilar(facenet: FaceNet): void {
  const [left, right] = slots.map(({ state }) => state.peek()) as [Slot['state']['value'], Slot['state']['value']];
  if (left.status !== 'ready' || right.status !== 'ready' || left.selectedByUser || right.selectedByUser) return;
  let nearest = { distance: Number.POSITIVE_INFINITY, a: left.selected, b: right.selected };
  for (const [a, first] of left.faces.entries()) {
    for (const [b, second] of right.faces.entries()) {
      const { distance } = compare(facenet, first, second, 1e-3);
      if (distance < nearest.distance) nearest = { distance, a, b };
    }
  }
  slots[0].select(nearest.a, false);
  slots[1].select(nearest.b, false);
}

function compare(facenet: FaceNet, a: FoundFace, b: FoundFace, far: number): Verdict {
  return facenet.compare(a.face, b.face, { far });
}

function qualityCaveats(quality: Quality): Caveat[] {
  const { eyeDistance, sharpness, yaw, pitch, brightness, presence = 1, components } = quality;
  const isCovered = components.eyesVisible?.advice ?? components.mouthOcclusionPrevention?.advice;
  const found: [Caveat, boolean][] = [
    ['small', eyeDistance < 30],
    ['blurred', sharpness < 0.02],
    ['turned', Math.abs(yaw) > 0.5],
    ['tilted', Math.abs(pitch) > 0.5],
    ['dark', brightness < 0.2],
    ['bright', brightness > 0.85],
    ['covered', presence < 0.8 || isCovered !== undefined],
  ];
  return found.filter(([, applies]) => applies).map(([caveat]) => caveat);
}
