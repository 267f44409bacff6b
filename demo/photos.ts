import { type EmbeddedFace, type FaceNet, FaceNetError } from 'facenet-web';
import { byId, part } from './dom.ts';
import { drawFaces, type Size } from './draw.ts';
import { showError } from './messages.ts';
import { fetchSample, fillSampleStrip, markSample, type Sample } from './samples.ts';

/** What a slot has to offer for a comparison. */
export type SlotState =
  | { kind: 'empty' | 'waiting' | 'looking' | 'no-face' | 'failed' }
  | { kind: 'ready'; face: EmbeddedFace; crop: ImageData };

/** The longer side of a photo on the screen, beyond which more pixels only cost memory. */
const shownSide = 1600;

/** The side of the aligned crop that is shown; the embedder makes its own. */
const cropSide = 256;

/** A place for a photo: takes one, finds its faces, and lets one of them be chosen. */
export class PhotoSlot {
  readonly #facenet: Promise<FaceNet>;
  readonly #onChange: () => void;
  readonly #name: string;
  readonly #parts;
  #state: SlotState = { kind: 'empty' };
  #size: Size = { width: 0, height: 0 };
  #faces: EmbeddedFace[] = [];
  #chosen: EmbeddedFace | undefined;
  #work = new AbortController();

  /** @param onChange called whenever {@link state} has changed. */
  constructor(root: HTMLElement, name: string, facenet: Promise<FaceNet>, onChange: () => void) {
    this.#facenet = facenet;
    this.#onChange = onChange;
    this.#name = name;
    root.append(byId('slot-template', HTMLTemplateElement).content.cloneNode(true));
    this.#parts = {
      stage: part(root, 'stage', HTMLElement),
      placeholder: part(root, 'placeholder', HTMLElement),
      picture: part(root, 'picture', HTMLCanvasElement),
      overlay: part(root, 'overlay', HTMLCanvasElement),
      faces: part(root, 'faces', HTMLElement),
      status: part(root, 'status', HTMLElement),
      samples: part(root, 'samples', HTMLElement),
    };
    part(root, 'title', HTMLElement).textContent = name;
    this.#parts.faces.ariaLabel = `Faces in the ${name.toLowerCase()}`;
    this.#parts.samples.ariaLabel = `Sample photos for the ${name.toLowerCase()}`;
    fillSampleStrip(this.#parts.samples, (sample) => void this.showSample(sample));
    this.#takeFiles(root, part(root, 'file', HTMLInputElement));
    new ResizeObserver(() => this.#draw()).observe(this.#parts.overlay);
  }

  get state(): SlotState {
    return this.#state;
  }

  /** Shows one of the sample photos. */
  async showSample(sample: Sample): Promise<void> {
    await this.#take(sample, (signal) => fetchSample(sample, signal));
  }

  /** Shows a photo of the user's own. */
  async showPhoto(photo: Blob): Promise<void> {
    await this.#take(undefined, async () => photo);
  }

  #takeFiles(root: HTMLElement, input: HTMLInputElement): void {
    input.ariaLabel = `Choose the ${this.#name.toLowerCase()}`;
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file) void this.showPhoto(file);
      // Without this, choosing the same file again would be no change.
      input.value = '';
    });
    root.addEventListener('dragover', (event) => {
      event.preventDefault();
      root.dataset.dragged = '';
    });
    for (const type of ['dragleave', 'drop']) root.addEventListener(type, () => delete root.dataset.dragged);
    root.addEventListener('drop', (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void this.showPhoto(file);
    });
  }

  /** Lets a new photo take the place of whatever is here or still under way. */
  async #take(sample: Sample | undefined, getPhoto: (signal: AbortSignal) => Promise<Blob>): Promise<void> {
    this.#work.abort();
    this.#work = new AbortController();
    const { signal } = this.#work;
    this.#forgetFaces();
    markSample(this.#parts.samples, sample);
    this.#enter({ kind: 'waiting' }, 'Opening the photo …');
    try {
      const photo = await getPhoto(signal);
      await this.#showPicture(photo, sample?.description ?? 'your photo', signal);
      this.#enter({ kind: 'waiting' }, 'The faces appear as soon as the models are here.');
      const facenet = await this.#facenet;
      signal.throwIfAborted();
      this.#enter({ kind: 'looking' }, 'Looking for faces …');
      const faces = await facenet.embed(photo, { signal });
      signal.throwIfAborted();
      this.#faces = faces;
      await this.#offerFaces(facenet, photo, signal);
    } catch (error) {
      this.#fail(error, signal);
    }
  }

  async #showPicture(photo: Blob, description: string, signal: AbortSignal): Promise<void> {
    const { picture, stage, placeholder } = this.#parts;
    const bitmap = await createImageBitmap(photo).catch((cause) => {
      signal.throwIfAborted();
      // The photo that was here before would be taken for this one.
      stage.hidden = true;
      placeholder.hidden = false;
      throw new FaceNetError(
        'image-unreadable',
        'This file could not be opened as a picture. Choose a JPEG, PNG or WebP, for instance.',
        { cause },
      );
    });
    if (signal.aborted) bitmap.close();
    signal.throwIfAborted();
    this.#size = { width: bitmap.width, height: bitmap.height };
    const scale = Math.min(1, shownSide / Math.max(bitmap.width, bitmap.height));
    picture.width = Math.max(1, Math.round(bitmap.width * scale));
    picture.height = Math.max(1, Math.round(bitmap.height * scale));
    picture.getContext('2d')?.drawImage(bitmap, 0, 0, picture.width, picture.height);
    bitmap.close();
    picture.ariaLabel = `${this.#name}: ${description}`;
    stage.hidden = false;
    placeholder.hidden = true;
    stage.style.setProperty('--ratio', `${picture.width} / ${picture.height}`);
  }

  async #offerFaces(facenet: FaceNet, photo: Blob, signal: AbortSignal): Promise<void> {
    const largest = this.#faces.reduce<EmbeddedFace | undefined>(
      (best, face) => (best && area(best) >= area(face) ? best : face),
      undefined,
    );
    if (!largest) {
      this.#enter(
        { kind: 'no-face' },
        'No face was found in this photo. One where the face is larger, sharper and less covered will do better.',
      );
      return;
    }
    // Reading order, so that the Tab key goes over the photo as the eye does.
    this.#faces.sort((a, b) => a.box.x - b.box.x);
    const buttons = this.#faces.map((face, i) => {
      const button = faceButton(face, this.#size, `Face ${i + 1} of ${this.#faces.length}`);
      button.addEventListener('click', () => void choose(face).catch((error) => this.#fail(error, signal)));
      return button;
    });
    const choose = async (face: EmbeddedFace) => {
      const crop = await facenet.align(photo, face, { size: cropSide, signal });
      signal.throwIfAborted();
      this.#chosen = face;
      for (const [i, button] of buttons.entries()) button.ariaPressed = String(this.#faces[i] === face);
      this.#draw();
      this.#enter({ kind: 'ready', face, crop }, countOf(this.#faces.length));
    };
    await choose(largest);
    // One face leaves no choice, and a button without a use is only a stop on the way.
    if (buttons.length > 1) this.#parts.faces.replaceChildren(...buttons);
  }

  /** Tells an error, unless another photo has taken the place of the one that it belongs to. */
  #fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#enter({ kind: 'failed' }, '');
    showError(this.#parts.status, error);
  }

  #forgetFaces(): void {
    this.#faces = [];
    this.#chosen = undefined;
    this.#parts.faces.replaceChildren();
    this.#draw();
  }

  #draw(): void {
    drawFaces(this.#parts.overlay, this.#size, this.#faces, this.#chosen);
  }

  #enter(state: SlotState, status: string): void {
    this.#state = state;
    this.#parts.stage.dataset.state = state.kind;
    if (this.#parts.status.textContent !== status) this.#parts.status.textContent = status;
    this.#onChange();
  }
}

/** Lets a pasted picture go to the slot that the user is at: by focus, else by pointer, else the first. */
export function takePastedPhotos(slots: readonly { root: HTMLElement; slot: PhotoSlot }[]): void {
  document.addEventListener('paste', (event) => {
    const photo = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (!photo) return;
    event.preventDefault();
    const here =
      slots.find(({ root }) => root.contains(document.activeElement)) ??
      slots.find(({ root }) => root.matches(':hover')) ??
      slots[0];
    void here?.slot.showPhoto(photo);
  });
}

/** A transparent button that lies over the face's drawn box. */
function faceButton({ box }: EmbeddedFace, size: Size, label: string): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.ariaLabel = label;
  button.title = `${label}: compare this one`;
  button.style.left = `${((box.x + box.width / 2) / size.width) * 100}%`;
  button.style.top = `${((box.y + box.height / 2) / size.height) * 100}%`;
  button.style.width = `${(box.width / size.width) * 100}%`;
  button.style.height = `${(box.height / size.height) * 100}%`;
  return button;
}

function countOf(faces: number): string {
  return faces === 1 ? '1 face found.' : `${faces} faces found. Choose another by its box.`;
}

function area({ box }: EmbeddedFace): number {
  return box.width * box.height;
}
