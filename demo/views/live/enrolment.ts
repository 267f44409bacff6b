import { signal } from '@preact/signals';
import type { TrackedFace } from 'facenet-web';
import type { Candidate, Enrollee, Enrolment, Gallery } from 'facenet-web/gallery';
import { whenLoaded } from '../../app/facenet.ts';
import { galleryState, isStorageError, refreshPeople } from '../../app/people.ts';
import { DemoError } from '../../app/problems.ts';
import { askToPersist } from '../../app/storage.ts';
import { captureShots, type Hint, type Shot } from './capture.ts';

/** How far an enrolment is: good looks are taken, and then the person is given a name. */
export type EnrolmentState =
  | { step: 'none' }
  | { step: 'capturing'; hint: Hint; shots: readonly Shot[] /** The face that is meant. */; id: number | undefined }
  | {
      step: 'naming';
      shots: readonly Shot[];
      /** Whom the gallery takes the face for already. */
      match: Candidate | undefined;
      saving: boolean;
    };

export const enrolment = signal<EnrolmentState>({ step: 'none' });

let work: AbortController | undefined;

/** Takes good looks at the largest face in view, until there are enough or {@link cancelEnrolment} is called. */
export async function beginEnrolment(
  video: HTMLVideoElement,
  facesInView: () => readonly TrackedFace[],
  onTaken: () => void,
): Promise<void> {
  cancelEnrolment();
  work = new AbortController();
  const { signal } = work;
  enrolment.value = { step: 'capturing', hint: 'noFace', shots: [], id: undefined };
  try {
    const shots = await captureShots(await whenLoaded(), video, {
      facesInView,
      onLook: (hint, shots, id) => {
        enrolment.value = { step: 'capturing', hint, shots, id };
      },
      signal,
    });
    const { match } = await openedGallery().identify((shots[0] as Shot).face, { signal });
    enrolment.value = { step: 'naming', shots, match, saving: false };
    onTaken();
  } catch (error) {
    if (signal.aborted) return;
    cancelEnrolment();
    throw error;
  }
}

/** Gives up what was taken so far. */
export function cancelEnrolment(): void {
  work?.abort();
  work = undefined;
  enrolment.value = { step: 'none' };
}

/** What became of {@link saveEnrolment}. */
export type Saved = { name: string } | { problem: 'storage' | 'refused' };

/** Keeps the looks that were taken as templates of a person: somebody new by a name, or somebody who is there already. */
export async function saveEnrolment(enrollee: Enrollee): Promise<Saved> {
  const state = enrolment.peek();
  if (state.step !== 'naming' || state.saving) return { problem: 'refused' };
  enrolment.value = { ...state, saving: true };
  try {
    const saved = await keepShots(openedGallery(), enrollee, state.shots);
    if (!saved?.enrolled) {
      enrolment.value = { ...state, saving: false };
      return { problem: 'refused' };
    }
    enrolment.value = { step: 'none' };
    await refreshPeople();
    void askToPersist();
    return { name: saved.person.name };
  } catch (error) {
    enrolment.value = { ...state, saving: false };
    if (isStorageError(error)) return { problem: 'storage' };
    throw error;
  }
}

/** The best look comes first, so that it is the one that a list shows. */
async function keepShots(gallery: Gallery, enrollee: Enrollee, shots: readonly Shot[]): Promise<Enrolment | undefined> {
  const best = [...shots].sort((a, b) => b.face.quality.overall - a.face.quality.overall);
  let who = enrollee;
  let first: Enrolment | undefined;
  for (const { face, crop } of best) {
    // Whom else the face may look like was shown before the name was given.
    const result = await gallery.enrol(who, face, { crop, allow: ['other-person'] });
    if (!result.enrolled) continue;
    first ??= result;
    who = { id: result.person.id };
  }
  return first;
}

function openedGallery(): Gallery {
  const state = galleryState.peek();
  if (state.status !== 'open') throw new DemoError('galleryClosed');
  return state.gallery;
}
