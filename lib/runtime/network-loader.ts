import { FaceNetError } from '../core/errors.ts';
import type { ModelDescriptor, ModelFile } from '../models/manifest.ts';
import type { ProgressMeter } from '../models/progress.ts';
import type { ModelStore } from '../models/store.ts';
import { Network } from './network.ts';
import type { Runtime } from './runtime.ts';

/** Reads a file of a store. A file is read once, however many backends are tried. */
export type ReadFile = (file: ModelFile) => Promise<Uint8Array<ArrayBuffer>>;

/** A {@link ReadFile} that reads from a store and reports to a progress meter. */
export function fileReader(store: ModelStore, meter: ProgressMeter, signal: AbortSignal | undefined): ReadFile {
  const reads = new Map<ModelFile, Promise<Uint8Array<ArrayBuffer>>>();
  return (file) => {
    const pending = reads.get(file);
    if (pending) return pending;
    meter.expect(file.bytes);
    const read = withoutUnhandledRejection(store.read(file, meter, signal));
    reads.set(file, read);
    return read;
  };
}

/** Prevents the event `unhandledrejection` for a promise that is awaited later or never. */
export function withoutUnhandledRejection<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Loads networks onto a runtime and checks the output of each against its expected output. */
export class NetworkLoader {
  readonly #runtime: Runtime;
  readonly #read: ReadFile;
  readonly #signal: AbortSignal | undefined;
  readonly #loaded: Network[] = [];

  constructor(runtime: Runtime, read: ReadFile, signal: AbortSignal | undefined) {
    this.#runtime = runtime;
    this.#read = read;
    this.#signal = signal;
  }

  /**
   * Loads a network.
   *
   * @throws {FaceNetError} `backend-unavailable` when the self-check fails; `manifest-invalid`; what reading the files
   *   throws.
   */
  async load(descriptor: ModelDescriptor): Promise<Network> {
    const [json, weights] = await Promise.all(descriptor.files.map(this.#read));
    if (!json || !weights) {
      throw new FaceNetError('manifest-invalid', `The model "${descriptor.name}" needs two files: graph and weights.`);
    }
    const network = await Network.load(this.#runtime, descriptor, { json, weights });
    this.#loaded.push(network);
    const fault = await network.check(this.#signal);
    if (fault) throw new FaceNetError('backend-unavailable', fault);
    return network;
  }

  /**
   * Loads a network that takes images of any size once more, for images of one size, without the self-check. The caller disposes of it.
   *
   * @param descriptor a network that {@link load} has loaded.
   */
  async loadForSize(descriptor: ModelDescriptor, width: number, height: number): Promise<Network> {
    const [json, weights] = (await Promise.all(descriptor.files.map(this.#read))) as [ModelBytes, ModelBytes];
    const preprocessing = { ...descriptor.preprocessing, width, height };
    const { selfCheck: _, ...resized } = { ...descriptor, preprocessing } as ModelDescriptor;
    return Network.load(this.#runtime, resized, { json: withInputSize(json, width, height), weights });
  }

  /** The networks that were loaded. */
  get networks(): readonly Network[] {
    return this.#loaded;
  }

  /** Frees the networks that were loaded. */
  dispose(): void {
    for (const network of this.#loaded) network.dispose();
  }
}

type ModelBytes = Uint8Array<ArrayBuffer>;

/** The JSON of a graph model with another size of its input. */
function withInputSize(json: ModelBytes, width: number, height: number): ModelBytes {
  const model = JSON.parse(new TextDecoder().decode(json));
  for (const { op, attr } of model.modelTopology.node) {
    if (op === 'Placeholder') attr.shape.shape.dim = [-1, height, width, 3].map((size) => ({ size: String(size) }));
  }
  return new TextEncoder().encode(JSON.stringify(model));
}
