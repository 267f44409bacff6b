import { afterEach, describe, expect, test, vi } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import { compileDot } from '../../../scripts/prepare/kernels.ts';

const { compiled } = await import('../../../lib/neighbours/dot-wasm.ts');

/** How often a module was compiled that the content security policy forbids. */
let refusals = 0;

class RefusedModule {
  constructor() {
    refusals++;
    throw new WebAssembly.CompileError('refused by the content security policy');
  }
}

/** The module of the vectors, with the WebAssembly of this process or as in a page whose content security policy forbids it. */
async function importVectors(isAllowed: boolean) {
  vi.resetModules();
  const { Memory, Instance, CompileError } = WebAssembly;
  if (!isAllowed) vi.stubGlobal('WebAssembly', { Memory, Instance, CompileError, Module: RefusedModule });
  return import('../../../lib/neighbours/vectors.ts');
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test('the compiled dot product is that of its source', async () => {
  expect((await compileDot()).toString('base64')).toBe(compiled);
});

describe.each([
  ['with WebAssembly', true],
  ['without WebAssembly', false],
])('vectors %s', (_name, isAllowed) => {
  test.each([128, 192, 13])(
    'of %i dimensions are compared as in double precision, also after growing',
    async (dimension) => {
      const { createVectors, probe } = await importVectors(isAllowed);
      const vectors = createVectors(dimension);
      const random = seeded(dimension);
      const drawn = () => Float32Array.from({ length: dimension }, () => (random() - 0.5) / Math.sqrt(dimension));
      const all = Array.from({ length: 9000 }, drawn);
      const other = drawn();
      expect(all.map((vector) => vectors.add(vector))).toEqual(all.map((_, row) => row));
      vectors.set(probe, drawn());
      vectors.set(probe, other);
      expect(vectors.size).toBe(all.length);
      const expected = (a: Float32Array, b: Float32Array) => 1 - a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
      for (const [a, b] of [
        [0, 8999],
        [4095, 4096],
        [17, 17],
      ] as const) {
        const [x, y] = [all[a], all[b]] as [Float32Array, Float32Array];
        expect(vectors.distance(a, b)).toBeCloseTo(expected(x, y), 6);
        expect(vectors.distance(a, b)).toBe(vectors.distance(b, a));
        expect(vectors.distance(a, probe)).toBeCloseTo(expected(x, other), 6);
        expect(vectors.row(a)).toEqual(x);
      }
    },
  );
});

test('WebAssembly that was refused is not tried again', async () => {
  const { createVectors } = await importVectors(false);
  refusals = 0;
  createVectors(8);
  createVectors(8);
  expect(refusals).toBe(1);
});
