import { expect, test } from 'vitest';
import { kernelsWasmFile } from '../../../../../lib/runtime/kernels/wasm/wasm-file.ts';
import { supportedKernels } from '../support/kernel-files.ts';

test('selects the fastest supported file', () => {
  expect(kernelsWasmFile(false)).toBe(supportedKernels.at(-1));
});
