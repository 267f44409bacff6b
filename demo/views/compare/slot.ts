import { type Signal, signal } from '@preact/signals';
import type { EmbeddedFace } from 'facenet-web';
import { whenLoaded } from '../../app/facenet.ts';
import { decodePhoto } from '../../app/photos.ts';
import { fetchSample, type Sample } from '../../app/samples.ts';

/** A face of a photo, and its aligned crop. */
export interface FoundFace {
  face: EmbeddedFace;
  crop: ImageData;
}

/** A photo as it is shown. */
export interface Photo {
  /** An address for an image element. */
  address: string;
  width: number;
  height: number;
  sample: Sample | undefined;
}

/** How far a place for a photo is. */
export type SlotState =
  | { status: 'empty' }
  | { status: 'opening' }
  | { status: 'looking'; photo: Photo }
  | { status: 'faceless'; photo: Photo }
  | { status: 'ready'; photo: Photo; faces: readonly FoundFace[]; chosen: number; byHand: boolean }
  | { status: 'failed'; error: unknown };

/** More faces than these are not offered: the largest are. */
const mostFaces = 12;

/** The side of the crops that are shown; the embedder makes its own. */
const cropSide = 256;

/** A place for a photo: takes one, finds its faces, and lets one of them be chosen. */
export class Slot {
  readonly state: Signal<SlotState> = signal({ status: 'empty' });
  #work = new AbortController();

  /** Takes one of the sample photos. */
  async takeSample(sample: Sample): Promise<void> {
    await this.#take((signal) => fetchSample(sample, signal), sample);
  }

  /** Takes a photo of the user's own, instead of whatever is here or still under way. */
  async takePhoto(photo: Blob): Promise<void> {
    await this.#take(async () => photo);
  }

  /** Chooses another of the faces. @param byHand whether the user did. */
  choose(chosen: number, byHand: boolean): void {
    const state = this.state.peek();
    if (state.status !== 'ready' || (state.chosen === chosen && state.byHand === byHand)) return;
    this.state.value = { ...state, chosen, byHand };
  }

  /** Gives up what is under way. */
  close(): void {
    this.#work.abort();
    const state = this.state.peek();
    if ('photo' in state) URL.revokeObjectURL(state.photo.address);
    this.state.value = { status: 'empty' };
  }

  async #take(getPhoto: (signal: AbortSignal) => Promise<Blob>, sample?: Sample): Promise<void> {
    this.close();
    this.#work = new AbortController();
    const { signal } = this.#work;
    this.state.value = { status: 'opening' };
    try {
      const file = await getPhoto(signal);
      const photo = { ...(await shown(file)), sample };
      signal.throwIfAborted();
      this.state.value = { status: 'looking', photo };
      const faces = await findFaces(file, signal);
      this.state.value =
        faces.length > 0
          ? { status: 'ready', photo, faces, chosen: largest(faces), byHand: false }
          : { status: 'faceless', photo };
    } catch (error) {
      if (!signal.aborted) this.state.value = { status: 'failed', error };
    }
  }
}

/** The faces of a photo in reading order, so that the Tab key goes over them as the eye does. */
async function findFaces(photo: Blob, signal: AbortSignal): Promise<FoundFace[]> {
  const facenet = await whenLoaded();
  signal.throwIfAborted();
  const embedded = await facenet.embed(photo, { signal });
  const bySize = embedded.sort((a, b) => b.box.width - a.box.width).slice(0, mostFaces);
  const found: FoundFace[] = [];
  for (const face of bySize.sort((a, b) => a.box.x - b.box.x)) {
    found.push({ face, crop: await facenet.align(photo, face, { size: cropSide, signal }) });
  }
  return found;
}

async function shown(photo: Blob): Promise<Omit<Photo, 'sample'>> {
  const bitmap = await decodePhoto(photo);
  const { width, height } = bitmap;
  bitmap.close();
  return { address: URL.createObjectURL(photo), width, height };
}

function largest(faces: readonly FoundFace[]): number {
  const widths = faces.map(({ face }) => face.box.width);
  return widths.indexOf(Math.max(...widths));
}
