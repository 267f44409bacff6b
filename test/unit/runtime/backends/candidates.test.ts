import { afterEach, expect, test, vi } from 'vitest';
import { backendCandidates, hardwareBackends } from '../../../../lib/runtime/backends/candidates.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A graphics adapter and renderer, as a browser reports them. */
function stubGraphics(adapter: object | null, renderer: string): void {
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
  const context = { getExtension: () => null, getParameter: () => renderer, RENDERER: 0 };
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      getContext = () => context;
    },
  );
}

test('tries the kernels first, unless another backend is requested', () => {
  expect(backendCandidates('auto').names).toEqual(['wasm', 'webgpu', 'webgl']);
  expect(backendCandidates('fastest').names).toEqual(['wasm', 'webgpu', 'webgl']);
  expect(backendCandidates('webgl').names).toEqual(['webgl']);
});

test('replaces a requested backend whose context was lost by the others', () => {
  const lost = [{ name: 'webgl' as const, reason: 'its WebGL context was lost' }];
  expect(backendCandidates('webgl', lost)).toEqual({ names: ['wasm', 'webgpu'], rejected: lost });
});

test('has no hardware where graphics are emulated in software', async () => {
  stubGraphics({ info: { vendor: 'google', architecture: 'swiftshader' } }, 'ANGLE (Google, SwiftShader Device)');
  const { names, rejected } = await hardwareBackends();
  expect(names).toEqual([]);
  expect(rejected.map(({ name }) => name)).toEqual(['webgpu', 'webgl']);
});

test('has the hardware of a graphics card', async () => {
  stubGraphics({ info: { vendor: 'nvidia', architecture: 'ampere' } }, 'NVIDIA GeForce RTX 3080');
  expect(await hardwareBackends()).toEqual({ names: ['webgpu', 'webgl'], rejected: [] });
});
