import {
  type EmbeddedFace,
  FaceNet,
  FaceNetError,
  type Identifier,
  type Identity,
  type LoadOptions,
  type TrackedFace,
} from '../index.ts';
import { openCamera } from './camera.ts';
import { View } from './view.ts';

/** What a `faces` event tells. */
export interface FacesDetail {
  /** The faces of the photo, strongest first, or of the frame. */
  faces: readonly (EmbeddedFace | TrackedFace)[];
}

/** What an `identified` event tells. */
export interface IdentifiedDetail {
  face: EmbeddedFace | TrackedFace;
  /** The person of the gallery whom the face is taken for. */
  person: Extract<Identity, { status: 'known' }>['person'];
  /** The probability that they are one person, 0 to 1. */
  probability: number;
}

/** The events of a {@link FaceNetElement}; like those of a media element they do not bubble. */
export interface FaceNetElementEventMap {
  /** The photo, or a frame of the camera, was looked at. */
  faces: CustomEvent<FacesDetail>;
  /** A face was recognised as somebody of the gallery: told once for a face of a photo, or while it is in view. */
  identified: CustomEvent<IdentifiedDetail>;
  /** Something went wrong: a {@link FaceNetError}, or what the browser said of the camera. */
  error: CustomEvent<unknown>;
}

/** The attributes that start the work anew when they change. */
const attributes = ['models', 'preset', 'source'] as const;

/** In Node and during server rendering there are no elements, and importing must do no harm. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * `<face-net>`: finds the faces of a photo, or of the camera once its button is pressed, marks them, and with a gallery
 * tells who they are.
 *
 * Attributes: `source`, `camera` or a photo's address; `models`, the address of the models folder; `preset`. Its style
 * takes `::part(stage)`, `::part(face)`, `::part(button)` and `::part(status)`.
 *
 * @example
 * const element = document.createElement('face-net');
 * element.source = 'photo.jpg';
 * element.addEventListener('faces', ({ detail }) => console.log(detail.faces.length));
 * document.body.append(element);
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: an element's own events cannot be declared in another way.
export class FaceNetElement extends Base {
  static readonly observedAttributes: readonly string[] = attributes;

  #view: View | undefined;
  #run: AbortController | undefined;
  /** The run that watches the camera, where one does. */
  #watching: AbortController | undefined;
  #pending = false;
  #picture: Blob | undefined;
  #gallery: Identifier | undefined;

  /** The address of the models folder. Default: `models/` beside the page. */
  get models(): string {
    return this.getAttribute('models') ?? 'models/';
  }
  set models(address: string) {
    this.setAttribute('models', address);
  }

  /** The name of the preset. Default: the manifest's first, `balanced`. */
  get preset(): string {
    return this.getAttribute('preset') ?? '';
  }
  set preset(name: string) {
    this.setAttribute('preset', name);
  }

  /** What to look at: `camera`, the address of a photo, or a photo; empty for nothing. */
  get source(): string | Blob {
    return this.#picture ?? this.getAttribute('source') ?? '';
  }
  set source(source: string | Blob) {
    if (typeof source === 'string') {
      this.setAttribute('source', source);
      return;
    }
    this.#picture = source;
    this.#restart();
  }

  /** Who the faces are looked up in: an open `Gallery`. Default: nobody is identified. */
  get gallery(): Identifier | undefined {
    return this.#gallery;
  }
  set gallery(gallery: Identifier | undefined) {
    this.#gallery = gallery;
    this.#restart();
  }

  /** Starts the camera, as its button does, where `source` is `camera` and the element is in the page. */
  start(): void {
    if (!this.isConnected || this.source !== 'camera') return;
    this.#begin((signal) => this.#watchCamera(signal));
    this.#watching = this.#run;
  }

  /** Stops what is under way, and with it the camera. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#view?.show();
    this.#view?.say('');
    this.#offerCamera(true);
  }

  /** @internal */
  connectedCallback(): void {
    if (!this.#view) {
      this.#view = new View(this.attachShadow({ mode: 'open' }));
      this.#view.button.addEventListener('click', () => (this.#run ? this.stop() : this.start()));
    }
    this.#restart();
  }

  /** @internal */
  disconnectedCallback(): void {
    this.stop();
  }

  /** @internal */
  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    const replaced = name === 'source' && this.#picture !== undefined;
    if (name === 'source') this.#picture = undefined;
    if (before !== after || replaced) this.#restart();
  }

  /** Several changes at once start the work once. */
  #restart(): void {
    if (!this.isConnected || this.#pending) return;
    this.#pending = true;
    queueMicrotask(() => {
      this.#pending = false;
      if (!this.isConnected) return;
      const { source } = this;
      const running = this.#run !== undefined && this.#run === this.#watching;
      if (source === 'camera') {
        // Nobody's camera is opened unasked; one that runs goes on with what has changed.
        if (running) this.start();
        else this.stop();
      } else if (source === '') {
        this.stop();
      } else {
        this.#begin((signal) => this.#lookAt(source, signal));
      }
    });
  }

  #begin(work: (signal: AbortSignal) => Promise<void>): void {
    const before = this.#run;
    const run = new AbortController();
    this.#run = run;
    this.#offerCamera(false);
    // The new work shares the networks of the old before that lets go of them.
    work(run.signal).catch((error) => {
      if (run.signal.aborted) return;
      this.stop();
      this.#view?.say(error instanceof Error ? error.message : String(error));
      this.#tell('error', error);
    });
    before?.abort();
  }

  #offerCamera(start: boolean): void {
    if (!this.#view) return;
    this.#view.button.hidden = this.source !== 'camera';
    this.#view.button.textContent = start ? 'Start the camera' : 'Stop the camera';
  }

  async #load(signal: AbortSignal): Promise<FaceNet> {
    const { models, preset } = this;
    const onProgress: LoadOptions['onProgress'] = ({ progress }) => {
      if (!signal.aborted && progress < 1) this.#view?.say('Loading …');
    };
    return FaceNet.load({ models, signal, onProgress, ...(preset && { preset }) });
  }

  async #lookAt(source: string | Blob, signal: AbortSignal): Promise<void> {
    const loading = this.#load(signal);
    const photo = typeof source === 'string' ? fetchPhoto(source, signal) : source;
    const [facenet, blob] = await settled(loading, photo);
    try {
      const image = document.createElement('img');
      const url = URL.createObjectURL(blob);
      image.src = url;
      // A picture that the browser cannot show is told by embed(), in a better sentence.
      await image.decode().catch(() => {});
      URL.revokeObjectURL(url);
      const faces = await facenet.embed(blob, { signal });
      const { naturalWidth: width, naturalHeight: height } = image;
      image.alt = faceCount(faces.length);
      const shown = [];
      for (const face of faces) {
        const match = this.gallery && (await this.gallery.identify(face, { signal })).match;
        shown.push({ box: face.box, label: match?.person.name ?? '' });
        if (match) this.#tell('identified', { face, person: match.person, probability: match.probability });
      }
      signal.throwIfAborted();
      this.#view?.show(image);
      this.#view?.mark(shown, { width, height }, false);
      this.#view?.say(inWords(shown));
      this.#tell('faces', { faces });
    } finally {
      await facenet.dispose();
    }
  }

  async #watchCamera(signal: AbortSignal): Promise<void> {
    const loading = this.#load(signal);
    const opening = openCamera(signal);
    const [facenet, video] = await settled(loading, opening);
    const known = new Map<number, string>();
    try {
      this.#view?.show(video);
      const { gallery } = this;
      for await (const { faces } of facenet.watch(video, { signal, ...(gallery && { gallery }) })) {
        const shown = faces.map(({ box, identity }) => ({
          box,
          label: identity?.status === 'known' ? identity.person.name : '',
        }));
        this.#view?.mark(shown, { width: video.videoWidth, height: video.videoHeight }, true);
        this.#view?.say(inWords(shown));
        this.#tell('faces', { faces });
        for (const face of faces) {
          const { id, identity } = face;
          if (identity?.status !== 'known' || known.get(id) === identity.person.id) continue;
          known.set(id, identity.person.id);
          this.#tell('identified', { face, person: identity.person, probability: identity.probability });
        }
      }
      // The camera ended by itself: it was unplugged, or taken away.
      if (!signal.aborted) this.stop();
    } finally {
      await facenet.dispose();
    }
  }

  #tell<Name extends keyof FaceNetElementEventMap>(name: Name, detail: FaceNetElementEventMap[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Its events, as `addEventListener` knows them. */
export interface FaceNetElement {
  addEventListener<Name extends keyof FaceNetElementEventMap>(
    name: Name,
    listener: (this: FaceNetElement, event: FaceNetElementEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

async function fetchPhoto(address: string, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(address, { signal }).catch((cause) => {
    signal.throwIfAborted();
    throw new FaceNetError('image-unreadable', `${address} could not be fetched: check the address.`, { cause });
  });
  if (response.ok) return response.blob();
  throw new FaceNetError('image-unreadable', `${address} answered ${response.status}: check the address.`);
}

/** Both, or the error of either; a FaceNet whose companion failed is freed. */
async function settled<T>(loading: Promise<FaceNet>, other: T | Promise<T>): Promise<[FaceNet, T]> {
  try {
    return await Promise.all([loading, other]);
  } catch (error) {
    loading.then((facenet) => facenet.dispose()).catch(() => {});
    throw error;
  }
}

function faceCount(count: number): string {
  return count === 1 ? '1 face' : `${count || 'no'} faces`;
}

function inWords(faces: readonly { label: string }[]): string {
  const names = faces.map(({ label }) => label).filter(Boolean);
  const count = faceCount(faces.length);
  return names.length > 0 ? `${count}: ${names.join(', ')}` : count;
}
