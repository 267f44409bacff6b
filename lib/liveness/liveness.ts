import { abortable } from '../core/cancellation.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import { boxCentre } from '../core/math.ts';
import type { Abortable, BackendChoice, Box, ImageSource, Pixels } from '../core/types.ts';
import { squareCrop } from '../image/affine.ts';
import { openPicture } from '../image/picture.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { warp } from '../image/warp.ts';
import type { LivenessDescriptor } from '../models/manifest.ts';
import { ProgressMeter } from '../models/progress.ts';
import { ModelStore } from '../models/store.ts';
import { byName, checkLoadOptions, type LoadOptions } from '../pipeline/options.ts';
import { isBox } from '../pipeline/valid-faces.ts';
import { backendCandidates } from '../runtime/backends/candidates.ts';
import { chooseBackend } from '../runtime/backends/choose-backend.ts';
import { createRuntimes, type RuntimeContext } from '../runtime/backends/create-runtimes.ts';
import { ContextLostError, type GraphicsContext, runUntilContextLost } from '../runtime/context-loss.ts';
import type { Network } from '../runtime/network.ts';
import { fileReader, NetworkLoader } from '../runtime/network-loader.ts';

/** What {@link Liveness.load} can be told: the same as for `FaceNet.load`. */
export type LivenessOptions = Pick<LoadOptions, 'models' | 'backend' | 'onProgress' | 'signal'>;

/** What the networks make of a face: each a score of its own, 0 (an attack, they say) to 1 (live, they say). */
export interface PassiveScore {
  /** Of Human's network `antispoof`, which learnt photomontages. */
  antispoof: number;
  /** Of Human's network `liveness`. */
  liveness: number;
}

/** The networks, by the score that each gives. */
const networkNames: Record<keyof PassiveScore, string> = { antispoof: 'antispoof', liveness: 'livenessnet' };

/**
 * A passive presentation-attack score: what two small networks make of a face's looks, to deter whoever holds a photo before
 * the camera. It is no security: docs/liveness.md has what was measured, and it is little. Its networks are loaded by this
 * class only, and run on the page, which they keep for some milliseconds at a time.
 *
 * @example
 * const liveness = await Liveness.load();
 * const [face] = await facenet.detect(video);
 * if (face) console.log(await liveness.score(video, face)); // { antispoof: 0.71, liveness: 0.93 }
 * await liveness.dispose();
 */
export class Liveness {
  /** Which backend runs the networks, and why. */
  readonly backend: BackendChoice;
  readonly #store: ModelStore;
  #networks: Record<keyof PassiveScore, Network> | undefined;
  readonly #graphics: readonly GraphicsContext[];
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(
    store: ModelStore,
    networks: Record<keyof PassiveScore, Network>,
    graphics: readonly GraphicsContext[],
    backend: BackendChoice,
  ) {
    this.#store = store;
    this.#networks = networks;
    this.#graphics = graphics;
    this.backend = backend;
  }

  /**
   * Reads and verifies the networks' weights, 1.5 MB, and finds a backend that runs them correctly.
   *
   * @throws {FaceNetError} as `FaceNet.load` does.
   */
  static async load(options: LivenessOptions = {}): Promise<Liveness> {
    checkLoadOptions(options);
    const { models, backend = 'auto', onProgress, signal } = options;
    const store = await ModelStore.open(models, signal);
    const [antispoof, liveness] = (['antispoof', 'liveness'] as const).map((score) =>
      byName('network', store.models('liveness'), networkNames[score]),
    ) as [LivenessDescriptor, LivenessDescriptor];
    const meter = new ProgressMeter(onProgress);
    const read = fileReader(store, meter, signal);
    const context: RuntimeContext = { readWasmFile: (name) => read(store.engine(name)) };
    const { names, rejected } = await backendCandidates(backend);
    const request = { requested: backend, rejected };
    const started = chooseBackend(createRuntimes(names, context), request, signal, async (runtime) => {
      const loader = new NetworkLoader(runtime, read, signal);
      try {
        const networks = { antispoof: await loader.load(antispoof), liveness: await loader.load(liveness) };
        return { networks, graphics: runtime.graphics ? [runtime.graphics] : [] };
      } catch (error) {
        loader.dispose();
        throw error;
      }
    });
    // All files are fetched side by side, and known to the progress from its start.
    const foreseen = [antispoof, liveness].flatMap(({ files }) => files.map(read));
    const [{ choice, prepared }] = await Promise.all([started, ...foreseen]);
    meter.finish();
    return new Liveness(store, prepared.networks, prepared.graphics, choice);
  }

  /**
   * What the networks make of a face, or of each face of a list, in the picture in which it was found.
   *
   * @throws {FaceNetError} as every method of `FaceNet` with a source does; `backend-unavailable` when the graphics that it runs on
   *   are lost.
   */
  score(source: ImageSource, face: { box: Box }, options?: Abortable): Promise<PassiveScore>;
  score(source: ImageSource, faces: readonly { box: Box }[], options?: Abortable): Promise<PassiveScore[]>;
  async score(
    source: ImageSource,
    faces: { box: Box } | readonly { box: Box }[],
    options: Abortable = {},
  ): Promise<PassiveScore | PassiveScore[]> {
    const { signal } = checkedOptions(options);
    const boxes = [faces].flat().map((face) => checkedBox(face));
    const networks = this.#open();
    signal?.throwIfAborted();
    const scoring = runUntilContextLost(this.#graphics, signal, (stop) =>
      scoreFaces(source, boxes, networks, stop),
    ).catch(lostAsError);
    this.#underWay.add(scoring);
    const done = () => this.#underWay.delete(scoring);
    scoring.then(done, done);
    const scores = await abortable(scoring, signal);
    return Array.isArray(faces) ? scores : (scores[0] as PassiveScore);
  }

  /**
   * Lets the calls under way come to their end, then frees the networks and keeps in the browser's cache what is not there yet. Calling
   * this again is harmless.
   */
  async dispose(): Promise<void> {
    const networks = this.#networks;
    this.#networks = undefined;
    await Promise.allSettled(this.#underWay);
    for (const network of Object.values(networks ?? {})) network.dispose();
    await Promise.all(this.#graphics.filter(({ lost }) => lost.aborted).map((gone) => gone.discard()));
    await this.#store.persist();
  }

  /** The same as {@link dispose}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #open(): Record<keyof PassiveScore, Network> {
    if (this.#networks) return this.#networks;
    throw new FaceNetError('disposed', 'This Liveness was disposed: load another with Liveness.load().');
  }
}

/** What a caller is told when the graphics were taken away: scores of what is left of them would be nonsense. */
function lostAsError(cause: unknown): never {
  if (!(cause instanceof ContextLostError)) throw cause;
  throw new FaceNetError(
    'backend-unavailable',
    `The scores were lost (${cause.message}): dispose of this Liveness and load another.`,
    { cause },
  );
}

async function scoreFaces(
  source: ImageSource,
  boxes: readonly Box[],
  { antispoof, liveness }: Record<keyof PassiveScore, Network>,
  signal: AbortSignal | undefined,
): Promise<PassiveScore[]> {
  const picture = await openPicture(source, signal);
  try {
    const montage = await scoresOf(antispoof, picture, boxes, signal);
    const live = await scoresOf(liveness, picture, boxes, signal);
    return boxes.map((_, i) => ({ antispoof: montage[i] as number, liveness: live[i] as number }));
  } finally {
    picture.close();
  }
}

async function scoresOf(
  network: Network,
  picture: PixelSource,
  boxes: readonly Box[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const descriptor = network.descriptor as LivenessDescriptor;
  const answers = await network.run(crops(picture, boxes, descriptor), signal);
  return answers.map(([output]) => output?.[descriptor.score] as number);
}

function* crops(
  picture: PixelSource,
  boxes: readonly Box[],
  { crop, preprocessing: { width: size } }: LivenessDescriptor,
): Generator<Pixels> {
  for (const box of boxes) {
    const side = Math.max(box.width, box.height) * crop.scale;
    yield warp(picture, squareCrop(boxCentre(box), side, 0, size), size, size);
  }
}

function checkedBox(face: { box: Box } | undefined): Box {
  const box = face?.box;
  if (isBox(box)) return box;
  throw new FaceNetError('option-invalid', 'Not a face: pass what detect(), embed() or watch() told of this picture.');
}
