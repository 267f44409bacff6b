import type { Kernels } from './signatures.ts';

/**
 * Maximum size of a shared memory, in pages of 64 KiB. scripts/prepare/kernels.ts compiles the same limit into the
 * module.
 */
export const maxSharedPages = 4096;

/**
 * Instantiates the kernels with a memory of their own. A module that was compiled for threads imports its memory, which
 * is shared; the others export theirs.
 */
export async function instantiateKernels(module: WebAssembly.Module): Promise<Kernels> {
  const importsMemory = WebAssembly.Module.imports(module).length > 0;
  const memory = importsMemory && new WebAssembly.Memory({ initial: 1, maximum: maxSharedPages, shared: true });
  const { exports } = await WebAssembly.instantiate(module, memory ? { env: { memory } } : {});
  return exports as unknown as Kernels;
}
