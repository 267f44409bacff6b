import type { BackendName } from '../../core/types.ts';
import { type GraphicsContext, watchWebGLContext, watchWebGPUDevice } from '../context-loss.ts';
import { discardBackend, type TensorFlow } from './tensorflow.ts';

/** The internals of TensorFlow.js's WebGL and WebGPU backends that context loss concerns. */
interface GraphicsBackend {
  gpgpu?: {
    gl: WebGL2RenderingContext;
    itemsToPoll: { isDoneFn: () => boolean }[];
    pollFence: () => Promise<void>;
  };
  device?: GPUDevice;
}

/** Watches the graphics context of a started backend. Returns `undefined` for WebAssembly, which has none. */
export function watchBackend(tf: TensorFlow, name: BackendName): GraphicsContext | undefined {
  const backend = tf.engine().registry[name] as GraphicsBackend | undefined;
  const { gpgpu, device } = backend ?? {};
  const graphics = gpgpu ? watchWebGLContext(gpgpu.gl) : device && watchWebGPUDevice(device);
  // TensorFlow.js polls fences that a lost context never signals. Resolve them, so that the polling ends and frees its
  // tensors.
  graphics?.lost.addEventListener('abort', () => {
    if (!gpgpu) return;
    for (const item of gpgpu.itemsToPoll) item.isDoneFn = () => true;
    gpgpu.pollFence = async () => {};
  });
  return graphics && { ...graphics, discard: () => discardBackend(tf, name, backend) };
}
