import type { KernelCall } from '../wasm/signatures.ts';

/**
 * The name of workers that are threads of the kernels. Their script is that of the pipeline's worker, which checks
 * `self.name`.
 */
export const threadWorkerName = 'facenet-web thread';

/** A counter in shared memory. */
export type SharedCounter = Int32Array<SharedArrayBuffer>;

/** Messages from the first thread to the others. */
export type ThreadMessage =
  /** Adds a network: its kernels and memory, the barrier's counter, and the number of threads. */
  | {
      type: 'attach';
      network: number;
      module: WebAssembly.Module;
      memory: WebAssembly.Memory;
      arrivals: SharedCounter;
      size: number;
    }
  /** The receiver's call in each step for a batch size; `undefined` if it has no share. */
  | { type: 'plan'; network: number; images: number; calls: readonly (KernelCall | undefined)[] }
  /** Runs a plan; `arrivalsBefore` is the counter's value before the first step. */
  | { type: 'run'; network: number; images: number; arrivalsBefore: number }
  /** Removes a network. */
  | { type: 'detach'; network: number };
