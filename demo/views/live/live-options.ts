import { computed, effect, signal } from '@preact/signals';
import type { DrawOptions } from 'facenet-web/draw';
import { newestFaces } from './faces-in-view.ts';

/** The landmarks that are drawn. */
export const landmarkStyle = signal<NonNullable<DrawOptions['landmarks']>>('none');

/** Whether the quality and the pose of the chosen face are shown. */
export const detailsVisible = signal(false);

/** The maximum number of faces that are tracked. */
export const maxFaces = signal(8);

/** The false-accept rate of each comparison with a remembered face; undefined for the gallery's default. */
export const falseAcceptRate = signal<number | undefined>(undefined);

/** The track id of the face that the user clicked; undefined for none. */
const clicked = signal<number | undefined>(undefined);

/** The face that is remembered next: the one that was clicked, or the most prominent one. */
export const chosenFace = computed(
  () => newestFaces.value.find(({ id }) => id === clicked.value) ?? newestFaces.value[0],
);

/** Chooses a face, or none. */
export function chooseFace(id: number | undefined): void {
  clicked.value = id;
}

// A face that left the picture is no longer chosen when it returns under another id.
effect(() => {
  if (newestFaces.value.length === 0) clicked.value = undefined;
});
