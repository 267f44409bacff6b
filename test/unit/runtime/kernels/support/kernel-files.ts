import { readFileSync } from 'node:fs';

const models = new URL('../../../../../public/models/', import.meta.url);

/** Reads a file of the models folder. */
export const readModelFile = (path: string) => new Uint8Array(readFileSync(new URL(path, models)));

/** The single-threaded kernels that this Node supports, slowest first. */
export const supportedKernels = ['facenet-simd', 'facenet-relaxed-simd'].filter((name) =>
  WebAssembly.validate(readModelFile(`engines/${name}.wasm`)),
);

/** Compiles a file of kernels. */
export function compileKernels(name: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(readModelFile(`engines/${name}.wasm`));
}
