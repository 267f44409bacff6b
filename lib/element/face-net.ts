import type { FaceNet, Identifier } from '../index.ts';
import { AttributeElement } from './attribute-element.ts';
import { openCamera, recogniseVideo } from './camera.ts';
import type { Dispatch, FaceNetElementEventMap } from './events.ts';
import { fetchPhoto, recognisePhoto } from './photo.ts';
import { loadFaceNet, type Recognition, withFaceNet } from './recognition.ts';
import { type ElementTexts, textsFor } from './texts.ts';
import { View } from './view.ts';

/** The attributes that restart recognition when they change. */
const attributes = ['models', 'preset', 'source'] as const;

/**
 * `<face-net>`: finds and marks the faces of a photo, or of the camera once its button is pressed. With a gallery it
 * also names them.
 *
 * Attributes: `source`, which is `camera` or the address of a photo; `models`, the address of the models folder;
 * `preset`. Parts for styling: `::part(stage)`, `::part(face)`, `::part(button)` and `::part(status)`.
 *
 * @example
 * const element = document.createElement('face-net');
 * element.source = 'photo.jpg';
 * element.addEventListener('faces', ({ detail }) => console.log(detail.faces.length));
 * document.body.append(element);
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the only way to declare the element's own events.
export class FaceNetElement extends AttributeElement {
  /** The attributes that the element follows. */
  static readonly observedAttributes: readonly string[] = attributes;

  #view: View | undefined;
  /** The current run. Aborting it stops recognition and the camera. */
  #run: AbortController | undefined;
  /** The last run that started the camera. */
  #cameraRun: AbortController | undefined;
  #restartPending = false;
  #photo: Blob | undefined;
  #gallery: Identifier | undefined;
  #texts: Partial<ElementTexts> = {};
  readonly #dispatch: Dispatch = (name, detail) => {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  };

  /** The input: `camera`, the address of a photo, or a photo. Empty for none. */
  get source(): string | Blob {
    return this.#photo ?? this.getAttribute('source') ?? '';
  }
  set source(source: string | Blob) {
    if (typeof source === 'string') {
      this.setAttribute('source', source);
      return;
    }
    this.#photo = source;
    this.#restart();
  }

  /** The gallery that identifies the faces. Default: none. */
  get gallery(): Identifier | undefined {
    return this.#gallery;
  }
  set gallery(gallery: Identifier | undefined) {
    this.#gallery = gallery;
    this.#restart();
  }

  /**
   * The texts that differ from those of the element's language, which is the attribute `lang` of the element or of one around it.
   * Korean for `ko`, otherwise English.
   */
  get texts(): Partial<ElementTexts> {
    return this.#texts;
  }
  set texts(texts: Partial<ElementTexts>) {
    this.#texts = texts;
    this.#restart();
  }

  get #text(): ElementTexts {
    return { ...textsFor(this), ...this.#texts };
  }

  /** Starts the camera, like its button. No effect unless `source` is `camera` and the element is connected. */
  start(): void {
    if (!this.isConnected || this.source !== 'camera') return;
    this.#begin((signal) => this.#runCamera(signal));
    this.#cameraRun = this.#run;
  }

  /** Stops recognition and the camera. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#view?.show();
    this.#view?.setStatus('');
    this.#updateButton(true);
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
    const replaced = name === 'source' && this.#photo !== undefined;
    if (name === 'source') this.#photo = undefined;
    if (before !== after || replaced) this.#restart();
  }

  /** Restarts in a microtask, so that several simultaneous changes cause one restart. */
  #restart(): void {
    if (!this.isConnected || this.#restartPending) return;
    this.#restartPending = true;
    queueMicrotask(() => {
      this.#restartPending = false;
      if (!this.isConnected) return;
      const { source } = this;
      const cameraRuns = this.#run !== undefined && this.#run === this.#cameraRun;
      if (source === 'camera') {
        // The camera opens only on request. A running one restarts with the new settings.
        if (cameraRuns) this.start();
        else this.stop();
      } else if (source === '') {
        this.stop();
      } else {
        this.#begin((signal) => this.#runPhoto(source, signal));
      }
    });
  }

  #begin(work: (signal: AbortSignal) => Promise<void>): void {
    const previous = this.#run;
    const run = new AbortController();
    this.#run = run;
    this.#updateButton(false);
    work(run.signal).catch((error) => {
      if (run.signal.aborted) return;
      this.stop();
      this.#view?.setStatus(error instanceof Error ? error.message : String(error));
      this.#dispatch('error', error);
    });
    // Abort the previous run after the new one has requested the networks, so that both share them.
    previous?.abort();
  }

  #updateButton(start: boolean): void {
    if (!this.#view) return;
    this.#view.button.hidden = this.source !== 'camera';
    this.#view.button.textContent = start ? this.#text.start : this.#text.stop;
  }

  async #runPhoto(source: string | Blob, signal: AbortSignal): Promise<void> {
    const loading = this.#load(signal);
    const photo = typeof source === 'string' ? fetchPhoto(source, signal) : source;
    await withFaceNet(loading, photo, (facenet, blob) => recognisePhoto(blob, this.#recognition(facenet), signal));
  }

  async #runCamera(signal: AbortSignal): Promise<void> {
    await withFaceNet(this.#load(signal), openCamera(this.#text.camera, signal), async (facenet, video) => {
      await recogniseVideo(video, this.#recognition(facenet), signal);
      if (signal.aborted) return;
      this.stop();
      this.#view?.setStatus(this.#text.cameraStopped);
    });
  }

  #recognition(facenet: FaceNet): Recognition {
    return { facenet, gallery: this.gallery, view: this.#view as View, dispatch: this.#dispatch, texts: this.#text };
  }

  #load(signal: AbortSignal): Promise<FaceNet> {
    const { models, preset } = this;
    const onLoading = () => this.#view?.setStatus(this.#text.loading);
    return loadFaceNet({ models, signal, ...(preset && { preset }) }, onLoading);
  }
}

/** Adds the element's own events to `addEventListener`. */
export interface FaceNetElement {
  /**
   * Listens to an event of the element.
   *
   * @param name the name of the event.
   * @param listener called with the event.
   * @param options as of every `addEventListener`.
   */
  addEventListener<Name extends keyof FaceNetElementEventMap>(
    name: Name,
    listener: (this: FaceNetElement, event: FaceNetElementEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /**
   * Listens to any other event.
   *
   * @param name the name of the event.
   * @param listener called with the event.
   * @param options as of every `addEventListener`.
   */
  addEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}
