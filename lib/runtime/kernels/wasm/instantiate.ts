import { pageBytes } from './linear-memory.ts';
import type { Kernels } from './signatures.ts';

/**
 * Largest maximum of a shared memory, in pages of 64 KiB: 1 GiB. scripts/prepare/kernels.ts compiles the same limit
 * into the module.
 */
export const maxSharedPages = 16384;

/**
 * Maximum of the shared memory of a network that needs no more, in pages: 256 MiB. Browsers reserve address space for
 * the maximum, and some phones have little of it.
 */
const defaultSharedPages = 4096;

/**
 * Instantiates the kernels with a memory of their own. A module that was compiled for threads imports its memory, which
 * is shared; the others export theirs.
 *
 * @param neededBytes the size that the memory grows to. A shared memory must state its maximum when it is created.
 */
export async function instantiateKernels(module: WebAssembly.Module, neededBytes = 0): Promise<Kernels> {
  const importsMemory = WebAssembly.Module.imports(module).length > 0;
  const memory = importsMemory && sharedMemory(Math.ceil(neededBytes / pageBytes));
  const { exports } = await WebAssembly.instantiate(module, memory ? { env: { memory } } : {});
  return exports as unknown as Kernels;
}

function sharedMemory(neededPages: number): WebAssembly.Memory {
  const maximum = Math.min(Math.max(neededPages, defaultSharedPages), maxSharedPages);
  return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
}
