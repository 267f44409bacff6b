import type { BackendChoice, BackendName } from '../../core/types.ts';
import { isSoftwareRenderer, webglRenderer } from './webgl-renderer.ts';

/** The backends in the order in which `auto` tries them. */
export const backendNames: readonly BackendName[] = ['webgpu', 'webgl', 'wasm'];

/** The backends to try, in order, and those ruled out without a try, with the reasons. */
export interface BackendCandidates {
  names: readonly BackendName[];
  rejected: BackendChoice['rejected'];
}

/**
 * Selects the backends to try: the requested one, or for `auto` those that this machine has hardware for.
 *
 * @param lost backends whose context was lost. They are not tried again, and the others replace even a requested one.
 */
export async function backendCandidates(
  requested: BackendName | 'auto',
  lost: BackendChoice['rejected'] = [],
): Promise<BackendCandidates> {
  if (requested !== 'auto' && lost.length === 0) return { names: [requested], rejected: [] };
  const remaining = backendNames.filter((name) => !lost.some((backend) => backend.name === name));
  const checked = await Promise.all(
    remaining.map(async (name) => ({ name, reason: await obstacles[name]?.().catch(String) })),
  );
  return {
    names: checked.filter(({ reason }) => reason === undefined).map(({ name }) => name),
    rejected: [
      ...lost,
      ...checked.filter((backend): backend is { name: BackendName; reason: string } => !!backend.reason),
    ],
  };
}

/**
 * Checks that rule a backend out before it is started; each returns a reason or `undefined`. Graphics emulated in
 * software compute correctly, but many times slower than WebAssembly.
 */
const obstacles: Partial<Record<BackendName, () => Promise<string | undefined>>> = {
  async webgpu() {
    const adapter = await globalThis.navigator?.gpu?.requestAdapter();
    if (!adapter) return 'this browser gives no WebGPU adapter';
    // Chromium before 127 has no `info`.
    const info: Partial<GPUAdapterInfo> | undefined = adapter.info;
    const { vendor, architecture, description, isFallbackAdapter } = info ?? {};
    const emulated = isFallbackAdapter || isSoftwareRenderer(`${vendor} ${architecture} ${description}`);
    return emulated ? 'WebGPU is emulated in software here' : undefined;
  },
  async webgl() {
    const renderer = webglRenderer();
    if (renderer === undefined) return 'this browser gives no WebGL 2 context';
    return isSoftwareRenderer(renderer) ? `WebGL is emulated in software here (${renderer})` : undefined;
  },
};
