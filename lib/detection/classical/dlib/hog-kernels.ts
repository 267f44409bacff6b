import { hogModule } from './hog-module.ts';

/** A function of the module that takes numbers and returns none. */
type Kernel = (...values: number[]) => void;

/** The exports of assembly/hog/index.ts, whose sources document the parameters. */
export interface HogKernels {
  memory: WebAssembly.Memory;
  resizeImage: Kernel;
  addGradients: Kernel;
  addEnergies: Kernel;
  normalize: Kernel;
  addFilter: Kernel;
}

let compiled: Promise<WebAssembly.Module | undefined> | undefined;

/** Compiles the kernels of the HOG detector, once. @returns undefined where WebAssembly has no SIMD or is forbidden. */
export function compileHogKernels(): Promise<WebAssembly.Module | undefined> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<WebAssembly.Module | undefined> {
  try {
    return await WebAssembly.compile(Uint8Array.from(atob(hogModule), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
