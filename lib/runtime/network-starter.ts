import { FaceNetError } from '../core/errors.ts';
import type { ModelDescriptor, ModelFile } from '../models/manifest.ts';
import type { ProgressMeter } from '../models/progress.ts';
import type { ModelStore } from '../models/store.ts';
import { Network } from './network.ts';
import type { Runtime } from './runtime.ts';

/** Reads each file once, however many backends are tried. */
export type ReadFile = (file: ModelFile) => Promise<Uint8Array<ArrayBuffer>>;

/** What reads the files of a store, and counts them in a meter. */
export function fileReader(store: ModelStore, meter: ProgressMeter, signal: AbortSignal | undefined): ReadFile {
  const reads = new Map<ModelFile, Promise<Uint8Array<ArrayBuffer>>>();
  return (file) => {
    const known = reads.get(file);
    if (known) return known;
    meter.expect(file.bytes);
    const read = ignored(store.read(file, meter, signal));
    reads.set(file, read);
    return read;
  };
}

/** A promise that somebody else waits for too, or nobody: that it fails is told there. */
export function ignored<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Puts networks onto a runtime and proves each against its known answer. */
export class NetworkStarter {
  readonly #runtime: Runtime;
  readonly #read: ReadFile;
  readonly #signal: AbortSignal | undefined;
  readonly #started: Network[] = [];

  constructor(runtime: Runtime, read: ReadFile, signal: AbortSignal | undefined) {
    this.#runtime = runtime;
    this.#read = read;
    this.#signal = signal;
  }

  /** @throws {FaceNetError} `backend-unavailable` when the network answers wrong, or what reading its files throws. */
  async start(descriptor: ModelDescriptor): Promise<Network> {
    const [json, weights] = await Promise.all(descriptor.files.map(this.#read));
    if (!json || !weights) throw new FaceNetError('manifest-invalid', `${descriptor.name} needs two files.`);
    const network = await Network.load(this.#runtime, descriptor, { json, weights });
    this.#started.push(network);
    const fault = await network.check(this.#signal);
    if (fault) throw new FaceNetError('backend-unavailable', fault);
    return network;
  }

  /** Frees what was started so far: the runtime is given up. */
  dispose(): void {
    for (const network of this.#started) network.dispose();
  }
}
