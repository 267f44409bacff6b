import { expect, test } from 'vitest';
import { Constant, decodeValues } from '../../../../../lib/runtime/constant.ts';
import { instantiateKernels } from '../../../../../lib/runtime/kernels/wasm/instantiate.ts';
import { LinearMemory } from '../../../../../lib/runtime/kernels/wasm/linear-memory.ts';
import { compileKernels, supportedKernels } from '../support/kernel-files.ts';

async function start(name: string) {
  const kernels = await instantiateKernels(await compileKernels(name));
  const memory = new LinearMemory(kernels.memory);
  memory.ensure(1 << 20);
  return { kernels, memory, from: 4096, to: 1 << 18 };
}

test.each(supportedKernels)('expandHalves decodes every 16-bit float, on %s', async (name) => {
  const { kernels, memory, from, to } = await start(name);
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
  memory.bytes(from, halves.byteLength).set(new Uint8Array(halves.buffer));
  kernels.expandHalves(from, halves.length, to);
  expect(memory.floats(to, halves.length)).toEqual(decodeValues({ encoding: 'float16', values: halves }));
});

test.each(supportedKernels)('expandBytes and scaleChannels decode quantised weights, on %s', async (name) => {
  const { kernels, memory, from, to } = await start(name);
  for (const channels of [1, 2, 3, 5, 8, 13]) {
    const bytes = Uint8Array.from({ length: 7 * channels }, (_, i) => i * 37);
    const factors = Float32Array.from({ length: channels }, (_, i) => i - 2.5);
    const stored = { encoding: 'quantised', values: bytes, scale: 0.01, min: -1.3 } as const;
    const expected = new Constant([7, channels], 'float32', stored, factors).values;
    memory.bytes(from, bytes.length).set(bytes);
    kernels.expandBytes(from, bytes.length, stored.scale, stored.min, to);
    memory.floats(from, channels).set(factors);
    kernels.scaleChannels(to, 7, channels, from);
    const actual = memory.floats(to, bytes.length);
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
  }
});
