/// <reference lib="esnext.disposable" preserve="true" />
import { abortable } from '../core/cancellation.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import { PendingCalls } from '../core/pending-calls.ts';
import type { Abortable, BackendChoice, Box, ImageSource } from '../core/types.ts';
import type { LivenessDescriptor } from '../models/manifest.ts';
import type { ModelStore } from '../models/store.ts';
import { byName, checkLoadOptions, type LoadOptions } from '../pipeline/options.ts';
import { loadFromModels, type ModelSource, startNetworks } from '../pipeline/start-networks.ts';
import {
  ContextLostError,
  discardLostContexts,
  type GraphicsContext,
  runUntilContextLost,
} from '../runtime/context-loss.ts';
import { startTensorFlow } from '../runtime/tensorflow/lazy-runtime.ts';
import { checkedBox, type PassiveNetworks, type PassiveScore, scoreFaces } from './passive-score.ts';

/** Options of {@link Liveness.load}, as for `FaceNet.load`. */
export type LivenessOptions = Pick<LoadOptions, 'models' | 'backend' | 'onProgress' | 'signal'>;

/**
 * Passive presentation-attack detection: two small networks score the appearance of a face, to deter photos held up to
 * the camera. It is not a security measure; docs/liveness.md has the measured error rates. Only this class loads the
 * networks. They run on the main thread and block it for some milliseconds per face.
 *
 * @example
 * const liveness = await Liveness.load();
 * const [face] = await facenet.detect(video);
 * if (face) console.log(await liveness.score(video, face)); // { antispoof: 0.71, liveness: 0.93 }
 * await liveness.dispose();
 */
export class Liveness {
  /** The backend that runs the networks, and why it was chosen. */
  readonly backend: BackendChoice;
  readonly #store: ModelStore;
  #networks: PassiveNetworks | undefined;
  readonly #graphics: readonly GraphicsContext[];
  readonly #calls = new PendingCalls();
  /** Aborts when {@link dispose} gives up waiting for pending calls. */
  readonly #abandoned = new AbortController();

  private constructor(
    store: ModelStore,
    networks: PassiveNetworks,
    graphics: readonly GraphicsContext[],
    backend: BackendChoice,
  ) {
    this.#store = store;
    this.#networks = networks;
    this.#graphics = graphics;
    this.backend = backend;
  }

  /**
   * Loads and verifies the weights (1.5 MB) and chooses a backend that runs the networks correctly.
   *
   * @param options the models folder, the backend, `onProgress`, and a signal that cancels the call.
   * @throws {FaceNetError} as `FaceNet.load` does.
   *
   * @example
   * const liveness = await Liveness.load({ onProgress: ({ progress }) => show(progress) });
   * await liveness.dispose();
   */
  static async load(options: LivenessOptions = {}): Promise<Liveness> {
    checkLoadOptions(checkedOptions(options, { models: true, backend: true, onProgress: true }));
    return loadFromModels(options, (source) => Liveness.#loadFrom(source, options));
  }

  static async #loadFrom(source: ModelSource, { backend = 'auto', signal }: LivenessOptions): Promise<Liveness> {
    const descriptors = source.store.models('liveness');
    const antispoof: LivenessDescriptor = byName('network', descriptors, 'antispoof');
    const liveness: LivenessDescriptor = byName('network', descriptors, 'livenessnet');
    const started = startNetworks(
      source,
      [antispoof, liveness],
      { backend, signal, tensorFlow: startTensorFlow },
      async (loader, runtime) => ({
        networks: { antispoof: await loader.load(antispoof), liveness: await loader.load(liveness) },
        graphics: runtime.graphics ? [runtime.graphics] : [],
      }),
    );
    // A file that cannot be read rejects the load at once, with its own error, even while a backend starts.
    const reads = [antispoof, liveness].flatMap(({ files }) => files.map(source.read));
    const [{ choice, prepared }] = await Promise.all([started, ...reads]);
    return new Liveness(source.store, prepared.networks, prepared.graphics, choice);
  }

  /**
   * Scores a face in the picture in which it was detected.
   *
   * @param source the picture.
   * @param face the face, with its box in pixels of the picture.
   * @param options a signal that cancels the call.
   * @throws {FaceNetError} as every method of `FaceNet` with a source does; `backend-unavailable` if the GPU context is
   *   lost.
   *
   * @example
   * const liveness = await Liveness.load();
   * const { antispoof, liveness: live } = await liveness.score(photo, face);
   * show(antispoof, live);
   * await liveness.dispose();
   */
  score(source: ImageSource, face: { box: Box }, options?: Abortable): Promise<PassiveScore>;
  /**
   * Scores several faces of a picture.
   *
   * @param source the picture.
   * @param faces the faces, with their boxes in pixels of the picture.
   * @param options a signal that cancels the call.
   * @returns the scores in the order of the faces.
   *
   * @example
   * const liveness = await Liveness.load();
   * for (const { antispoof } of await liveness.score(photo, faces)) show(antispoof);
   * await liveness.dispose();
   */
  score(source: ImageSource, faces: readonly { box: Box }[], options?: Abortable): Promise<PassiveScore[]>;
  async score(
    source: ImageSource,
    faces: { box: Box } | readonly { box: Box }[],
    options: Abortable = {},
  ): Promise<PassiveScore | PassiveScore[]> {
    const { signal } = checkedOptions(options);
    const boxes = [faces].flat().map((face) => checkedBox(face));
    const networks = this.#requireNetworks();
    signal?.throwIfAborted();
    const scoring = runUntilContextLost(this.#graphics, signal, (stop) => scoreFaces(source, boxes, networks, stop));
    const call = this.#calls.track(scoring.catch(throwContextLoss));
    const scores = await abortable(abortable(call, this.#abandoned.signal), signal);
    return Array.isArray(faces) ? scores : (scores[0] as PassiveScore);
  }

  /**
   * Waits for pending calls, frees the networks and writes files that are not yet cached to the browser's cache. If no
   * pending call ends for 30 seconds, all of them are rejected with `disposed`. Further calls have no effect.
   *
   * @example
   * const liveness = await Liveness.load();
   * await liveness.dispose();
   */
  async dispose(): Promise<void> {
    const networks = this.#networks;
    this.#networks = undefined;
    if (!(await this.#calls.settled())) this.#abandoned.abort(disposedError());
    for (const network of Object.values(networks ?? {})) network.dispose();
    await discardLostContexts(this.#graphics);
    await this.#store.persist();
  }

  /** The same as {@link dispose}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #requireNetworks(): PassiveNetworks {
    if (this.#networks) return this.#networks;
    throw disposedError();
  }
}

function disposedError(): FaceNetError {
  return new FaceNetError('disposed', 'This Liveness was disposed: load another one with Liveness.load().');
}

/** Rethrows a lost GPU context as a {@link FaceNetError}: outputs of a lost context are meaningless. */
function throwContextLoss(cause: unknown): never {
  if (!(cause instanceof ContextLostError)) throw cause;
  throw new FaceNetError(
    'backend-unavailable',
    `The GPU context was lost (${cause.message}): dispose this Liveness and load another one.`,
    { cause },
  );
}
