/**
 * assembly/library/dot.ts, compiled: a dot product with SIMD instructions. test/unit/library/vectors.test.ts compiles it again and
 * compares the bytes.
 */
export const compiled =
  'AGFzbQEAAAABCAFgA39/fwF9Ag8BA2VudgZtZW1vcnkCAAADAgEABxACA2RvdAAABm1lbW9yeQIACnQBcgICewF/A0AgAiAFSgRAIAMgAP0ABAAgAf0ABAD95gH95AEhAyAEIAD9AAQQIAH9AAQQ/eYB/eQBIQQgAEEgaiEAIAFBIGohASAFQQhqIQUMAQsLIAMgBP3kASID/R8AIAP9HwGSIAP9HwKSIAP9HwOSCw==';

/** The dot product of two vectors of `n` floats, a multiple of 8, by their addresses. */
export type Dot = (...addresses: [a: number, b: number, n: number]) => number;

let wasm: WebAssembly.Module | undefined;
let isRefused = false;

/**
 * Starts the module on a memory of its own.
 *
 * @returns undefined where the browser has no SIMD or the page's content security policy forbids WebAssembly.
 */
export function startDot(): { memory: WebAssembly.Memory; dot: Dot } | undefined {
  // Each refusal would be reported to the console.
  if (isRefused) return undefined;
  try {
    wasm ??= new WebAssembly.Module(Uint8Array.from(atob(compiled), (character) => character.charCodeAt(0)));
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { exports } = new WebAssembly.Instance(wasm, { env: { memory } });
    return { memory, dot: exports.dot as Dot };
  } catch {
    isRefused = true;
    return undefined;
  }
}
