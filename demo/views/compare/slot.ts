import { type Signal, signal } from '@preact/signals';
import { decodeImage, type EmbeddedFace } from 'facenet-web';
import { loadedFaceNet } from '../../app/facenet.ts';
import { photoAddress } from '../../app/photo-address.ts';
import { fetchSample, type Sample } from '../../app/samples.ts';

/** A face of a photo, and its aligned crop. */
export interface FoundFace {
  face: EmbeddedFace;
  crop: ImageData;
}

/** A photo to display. */
export interface Photo {
  /** An object URL. */
  url: string;
  width: number;
  height: number;
  /** The sample that it is, if it is one. */
  sample: Sample | undefined;
}

/** The state of a {@link Slot}. */
export type SlotState =
  | { status: 'empty' }
  | { status: 'opening' }
  | { status: 'detecting'; photo: Photo }
  | { status: 'no-face'; photo: Photo }
  | { status: 'ready'; photo: Photo; faces: readonly FoundFace[]; selected: number; selectedByUser: boolean }
  | { status: 'failed'; error: unknown };

/** The maximum number of faces to offer. The largest are kept. */
const maxFaces = 12;

/** The side length of the displayed crops, in pixels. The embedding uses a crop of its own. */
const cropSide = 256;

/** Holds a photo, the faces found in it and the selected one. */
export class Slot {
  readonly state: Signal<SlotState> = signal({ status: 'empty' });
  #controller = new AbortController();

  /** Opens a sample photo. */
  async openSample(sample: Sample): Promise<void> {
    await this.#open((signal) => fetchSample(sample, signal), sample);
  }

  /** Opens a photo of the user. Replaces the current photo and cancels pending work. */
  async openPhoto(photo: Blob): Promise<void> {
    await this.#open(async () => photo);
  }

  /** Selects a face by its index. @param byUser whether the user selected it. */
  select(selected: number, byUser: boolean): void {
    const state = this.state.peek();
    if (state.status !== 'ready' || (state.selected === selected && state.selectedByUser === byUser)) return;
    this.state.value = { ...state, selected, selectedByUser: byUser };
  }

  /** Removes the photo and cancels pending work. */
  close(): void {
    this.#controller.abort();
    this.#releasePhoto();
    this.state.value = { status: 'empty' };
  }

  #releasePhoto(): void {
    const state = this.state.peek();
    if ('photo' in state) URL.revokeObjectURL(state.photo.url);
  }

  async #open(getPhoto: (signal: AbortSignal) => Promise<Blob>, sample?: Sample): Promise<void> {
    this.close();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.state.value = { status: 'opening' };
    try {
      const file = await getPhoto(signal);
      const photo = { ...(await toPhoto(file, signal)), sample };
      this.state.value = { status: 'detecting', photo };
      const faces = await findFaces(file, signal);
      this.state.value =
        faces.length > 0
          ? { status: 'ready', photo, faces, selected: largest(faces), selectedByUser: false }
          : { status: 'no-face', photo };
    } catch (error) {
      if (signal.aborted) return;
      this.#releasePhoto();
      this.state.value = { status: 'failed', error };
    }
  }
}

/** Finds the largest faces of a photo. They are in order from left to right, so that the Tab key follows the image. */
async function findFaces(photo: Blob, signal: AbortSignal): Promise<FoundFace[]> {
  const facenet = await loadedFaceNet();
  signal.throwIfAborted();
  const embedded = await facenet.embed(photo, { signal });
  const bySize = embedded.sort((a, b) => b.box.width - a.box.width).slice(0, maxFaces);
  const found: FoundFace[] = [];
  for (const face of bySize.sort((a, b) => a.box.x - b.box.x)) {
    found.push({ face, crop: await facenet.align(photo, face, { size: cropSide, signal }) });
  }
  return found;
}

/** Measures a photo, and creates an address for it. @throws `signal.reason` when aborted. */
async function toPhoto(photo: Blob, signal: AbortSignal): Promise<Omit<Photo, 'sample'>> {
  const bitmap = await decodeImage(photo);
  const { width, height } = bitmap;
  const url = await photoAddress(photo, bitmap).finally(() => bitmap.close());
  if (signal.aborted) URL.revokeObjectURL(url);
  signal.throwIfAborted();
  return { url, width, height };
}

function largest(faces: readonly FoundFace[]): number {
  const widths = faces.map(({ face }) => face.box.width);
  return widths.indexOf(Math.max(...widths));
}
