import { afterEach, expect, test, vi } from 'vitest';
import { kernelsWasmFile } from '../../../../../lib/runtime/kernels/wasm/wasm-file.ts';
import { supportedKernels } from '../support/kernel-files.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('selects the fastest supported file', () => {
  expect(kernelsWasmFile(false)).toBe(supportedKernels.at(-1));
});

/** The opcode of f32x4.relaxed_madd, which only the probe of relaxed SIMD contains. */
const relaxedMadd = String([0xfd, 0x85, 0x02]);

test('selects files with plain SIMD, for threads too, in a browser without relaxed SIMD', () => {
  vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => !String(bytes).includes(relaxedMadd));
  expect(kernelsWasmFile(false)).toBe('facenet-simd');
  expect(kernelsWasmFile(true)).toBe('facenet-simd-threads');
});

test('selects no file in a browser without SIMD', () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  expect(kernelsWasmFile(true)).toBeUndefined();
});
