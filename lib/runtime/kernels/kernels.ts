import type { EngineFileName } from '../../models/manifest.ts';

/** The engine's WebAssembly, as assembly/index.ts exports it: addresses, strides in bytes, counts, in its order. */
export interface Kernels {
  memory: WebAssembly.Memory;
  convolution(...numbers: number[]): void;
  winograd(...numbers: number[]): void;
  depthwise(...numbers: number[]): void;
  sum(...numbers: number[]): void;
  frame(...numbers: number[]): void;
  pool(...numbers: number[]): void;
  resize(...numbers: number[]): void;
  toInput(...numbers: number[]): void;
  expandBytes(...numbers: number[]): void;
  expandHalves(...numbers: number[]): void;
  scaleChannels(...numbers: number[]): void;
  pack(...numbers: number[]): void;
  packMinimal(...numbers: number[]): void;
  shrink(...numbers: number[]): void;
  sample(...numbers: number[]): void;
}

/** One call of a kernel, its numbers worked out; plain data, which can be sent to another thread. */
export interface Call {
  kernel: Exclude<keyof Kernels, 'memory'>;
  numbers: readonly number[];
}

/** A module whose one function executes `code` and drops what that leaves. */
function probe(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...code, 0x1a, 0x0b];
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([
    ...header,
    ...[1, 4, 1, 0x60, 0, 0],
    ...[3, 2, 1, 0],
    ...[10, body.length + 2, 1, body.length, ...body],
  ]);
}

const zero = [0x41, 0];
const splat = [...zero, 0xfd, 0x0f];

/**
 * The file with the engine's kernels that this browser can run; nothing where it has no SIMD, or no WebAssembly at all.
 *
 * @param threads whether several threads are to share a memory. Browsers without relaxed SIMD run on one.
 */
export function kernelsFile(threads: boolean): EngineFileName | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  // f32x4.relaxed_madd, then i8x16.splat alone.
  if (WebAssembly.validate(probe([...splat, ...splat, ...splat, 0xfd, 0x85, 0x02]))) {
    return threads ? 'facenet-threads' : 'facenet-relaxed-simd';
  }
  return WebAssembly.validate(probe(splat)) ? 'facenet-simd' : undefined;
}

/** The pages that the kernels' shared memory may grow to; scripts/prepare/kernels.ts compiles them for as many. */
export const mostSharedPages = 4096;

/** The kernels with a memory of their own: one that threads can share, where they were compiled for it. */
export async function instantiate(module: WebAssembly.Module): Promise<Kernels> {
  const shares = WebAssembly.Module.imports(module).length > 0;
  const memory = shares && new WebAssembly.Memory({ initial: 1, maximum: mostSharedPages, shared: true });
  const { exports } = await WebAssembly.instantiate(module, memory ? { env: { memory } } : {});
  return exports as unknown as Kernels;
}
