import { signal } from '@preact/signals';
import type { TrackedFace } from 'facenet-web';
import type { Candidate, Consent, Enrollee, Enrolment, Gallery } from 'facenet-web/gallery';
import { DemoError } from '../../app/demo-error.ts';
import { loadedFaceNet } from '../../app/facenet.ts';
import { galleryState, isStorageError, refreshPeople } from '../../app/gallery.ts';
import { requestPersistence } from '../../app/storage.ts';
import { captureShots, type Hint, type Shot } from './capture.ts';

/** The state of an enrolment: first shots are taken, then the user names the person. */
export type EnrolmentState =
  | { step: 'none' }
  | {
      step: 'capturing';
      hint: Hint;
      shots: readonly Shot[];
      /** The track id of the captured face. */
      id: number | undefined;
    }
  | {
      step: 'naming';
      shots: readonly Shot[];
      /** The person in the gallery whom the face matches. */
      match: Candidate | undefined;
      saving: boolean;
    };

/** The current enrolment. */
export const enrolment = signal<EnrolmentState>({ step: 'none' });

let controller: AbortController | undefined;

/**
 * Takes shots of the most prominent face in view and then asks for a name.
 *
 * @param onCaptured called once enough shots are taken.
 */
export async function beginEnrolment(
  video: HTMLVideoElement,
  facesInView: () => readonly TrackedFace[],
  onCaptured: () => void,
): Promise<void> {
  cancelEnrolment();
  controller = new AbortController();
  const { signal } = controller;
  enrolment.value = { step: 'capturing', hint: 'noFace', shots: [], id: undefined };
  try {
    const shots = await captureShots(await loadedFaceNet(), video, {
      facesInView,
      onAttempt: (hint, shots, id) => {
        enrolment.value = { step: 'capturing', hint, shots, id };
      },
      signal,
    });
    const { match } = await openGalleryOrThrow().identify((shots[0] as Shot).face, { signal });
    enrolment.value = { step: 'naming', shots, match, saving: false };
    onCaptured();
  } catch (error) {
    if (signal.aborted) return;
    cancelEnrolment();
    throw error;
  }
}

/** Cancels the enrolment and discards its shots. */
export function cancelEnrolment(): void {
  controller?.abort();
  controller = undefined;
  enrolment.value = { step: 'none' };
}

/** The result of {@link saveEnrolment}: the person's name, or why nothing was saved. */
export type SaveResult = { name: string } | { failure: 'storage' | 'rejected' };

/** Saves the shots as faces of a person: a new one, by name, or an existing one, by id. The consent is kept with the person. */
export async function saveEnrolment(enrollee: Enrollee, consent: Consent): Promise<SaveResult> {
  const state = enrolment.peek();
  if (state.step !== 'naming' || state.saving) return { failure: 'rejected' };
  enrolment.value = { ...state, saving: true };
  try {
    const enrolled = await saveShots(openGalleryOrThrow(), enrollee, state.shots, consent);
    if (!enrolled?.enrolled) {
      enrolment.value = { ...state, saving: false };
      return { failure: 'rejected' };
    }
    enrolment.value = { step: 'none' };
    await refreshPeople();
    void requestPersistence();
    return { name: enrolled.person.name };
  } catch (error) {
    enrolment.value = { ...state, saving: false };
    if (isStorageError(error)) return { failure: 'storage' };
    throw error;
  }
}

/** Saves the shots, the best first: lists show a person's first crop. @returns the first accepted enrolment. */
async function saveShots(
  gallery: Gallery,
  enrollee: Enrollee,
  shots: readonly Shot[],
  consent: Consent,
): Promise<Enrolment | undefined> {
  const best = [...shots].sort((a, b) => b.face.quality.overall - a.face.quality.overall);
  let target = enrollee;
  let first: Enrolment | undefined;
  for (const { face, crop } of best) {
    // The user has seen whom the face matches and decided for this person.
    const result = await gallery.enrol(target, face, { crop, consent, allow: ['other-person'] });
    if (!result.enrolled) continue;
    first ??= result;
    target = { id: result.person.id };
  }
  return first;
}

function openGalleryOrThrow(): Gallery {
  const state = galleryState.peek();
  if (state.status !== 'open') throw new DemoError('galleryNotOpen');
  return state.gallery;
}
