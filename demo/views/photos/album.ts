import { batch, computed, signal } from '@preact/signals';
import type { PhotoFace } from './embed-photos.ts';
import { emptyGrouping, type Grouping } from './groups.ts';
import type { PhotoFile } from './photo-files.ts';

/** The state of the queue. `stopped` means by the user or by an error; it can be resumed. */
export type Phase = 'empty' | 'waiting' | 'running' | 'grouping' | 'stopped' | 'done';

/** The minimum quality for grouping a face, equal to the gallery's minimum for enrolment. */
export const minQuality = 0.1;

/** The photos, in the order of the queue. */
export const photos = signal<readonly PhotoFile[]>([]);

/** How many of the photos are processed. */
export const done = signal(0);

/** The state of the queue. */
export const phase = signal<Phase>('empty');

/** The estimated time for the remaining photos, in milliseconds. Undefined without an estimate. */
export const timeLeft = signal<number | undefined>(undefined);

/** All faces found. Groups and selections refer to faces by their index here. */
export const faces = signal<readonly PhotoFace[]>([]);

/** The indices of photos without a face. */
export const photosWithoutFace = signal<readonly number[]>([]);

/** The errors of photos that could not be read, by the photo's index. */
export const unreadablePhotos = signal<ReadonlyMap<number, unknown>>(new Map());

/** The groups of faces. */
export const grouping = signal<Grouping>(emptyGrouping);

/** The groupings before each edit by the user, the latest last. */
export const undoStack = signal<readonly Grouping[]>([]);

/** The error that stopped the queue. */
export const queueError = signal<unknown>(undefined);

/** Whether the queue is working. */
export const busy = computed(() => ['waiting', 'running', 'grouping'].includes(phase.value));

/** Faces whose quality is too low for grouping, except those that the user has put into a group. */
export const lowQualityFaces = computed(() => {
  const grouped = new Set(grouping.value.groups.flatMap(({ members }) => members));
  return faces.value.flatMap(({ quality }, i) => (quality.overall < minQuality && !grouped.has(i) ? [i] : []));
});

/** Sets everything to its initial value. */
export function resetAlbum(): void {
  batch(() => {
    photos.value = [];
    done.value = 0;
    phase.value = 'empty';
    timeLeft.value = undefined;
    faces.value = [];
    photosWithoutFace.value = [];
    unreadablePhotos.value = new Map();
    grouping.value = emptyGrouping;
    undoStack.value = [];
    queueError.value = undefined;
  });
}

/** The quality of a face, 0 to 1. 0 if there is no such face. */
export function qualityOf(face: number): number {
  return faces.peek()[face]?.quality.overall ?? 0;
}
