import type { EngineFileName } from '../../../models/manifest.ts';

/** A module with one function, which executes `code` and drops the result. */
function probeModule(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...code, 0x1a, 0x0b];
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const typeSection = [1, 4, 1, 0x60, 0, 0];
  const functionSection = [3, 2, 1, 0];
  const codeSection = [10, body.length + 2, 1, body.length, ...body];
  return Uint8Array.from([...header, ...typeSection, ...functionSection, ...codeSection]);
}

/** i32.const 0; i8x16.splat */
const simdCode = [0x41, 0, 0xfd, 0x0f];
/** f32x4.relaxed_madd */
const relaxedSimdCode = [...simdCode, ...simdCode, ...simdCode, 0xfd, 0x85, 0x02];

/**
 * Selects the fastest WebAssembly file with kernels that this browser supports.
 *
 * @param threaded whether several threads share the memory.
 * @returns `undefined` without WebAssembly or without its SIMD instructions.
 */
export function kernelsWasmFile(threaded: boolean): EngineFileName | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  if (WebAssembly.validate(probeModule(relaxedSimdCode))) {
    return threaded ? 'facenet-threads' : 'facenet-relaxed-simd';
  }
  if (!WebAssembly.validate(probeModule(simdCode))) return undefined;
  return threaded ? 'facenet-simd-threads' : 'facenet-simd';
}
