import type { BackendChoice, BackendName, RequestedBackend } from '../../core/types.ts';
import { isSoftwareRenderer, webglRenderer } from './webgl-renderer.ts';

/** All backends; those on a graphics card come first. */
export const backendNames: readonly BackendName[] = ['webgpu', 'webgl', 'wasm'];

/** The backends on a graphics card. */
export const graphicsBackends: readonly BackendName[] = ['webgpu', 'webgl'];

/** The backends to try, in order, and those ruled out without a try, with the reasons. */
export interface BackendCandidates {
  names: readonly BackendName[];
  rejected: BackendChoice['rejected'];
}

/**
 * Selects the backends to run networks on: the requested one; otherwise WebAssembly, whose kernels are small and start at
 * once, and then those on a graphics card.
 *
 * @param lost backends whose context was lost. They are not tried again, and the others replace even a requested one.
 */
export function backendCandidates(
  requested: RequestedBackend,
  lost: BackendChoice['rejected'] = [],
): BackendCandidates {
  if (isBackendName(requested) && lost.length === 0) return { names: [requested], rejected: [] };
  const isLost = (name: BackendName) => lost.some((backend) => backend.name === name);
  return { names: (['wasm', 'webgpu', 'webgl'] as const).filter((name) => !isLost(name)), rejected: lost };
}

/** The backends on a graphics card that this machine has hardware for, and why it has none for the others. */
export async function hardwareBackends(): Promise<BackendCandidates> {
  const checked = await Promise.all(
    graphicsBackends.map(async (name) => ({ name, reason: await missingHardware(name) })),
  );
  return {
    names: checked.filter(({ reason }) => reason === undefined).map(({ name }) => name),
    rejected: checked.filter((backend): backend is { name: BackendName; reason: string } => !!backend.reason),
  };
}

/** Whether a backend is requested by name. */
export function isBackendName(requested: RequestedBackend): requested is BackendName {
  return backendNames.some((name) => name === requested);
}

/** Why this machine lacks the hardware for a backend; `undefined` if it has it. */
export async function missingHardware(name: BackendName): Promise<string | undefined> {
  return obstacles[name]?.().catch(String);
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
