import type { BackendName } from '../../core/types.ts';
import { type Graphics, watchContext, watchDevice } from '../graphics.ts';
import { discardBackend, type TensorFlow } from './tensorflow.ts';

/** What of TensorFlow.js's graphics backends tells of a loss. */
interface GraphicsBackend {
  gpgpu?: {
    gl: WebGL2RenderingContext;
    itemsToPoll: { isDoneFn: () => boolean }[];
    pollFence: () => Promise<void>;
  };
  device?: GPUDevice;
}

/** Watches over what a started backend runs on; nothing for WebAssembly, which cannot be taken away. */
export function watchBackend(tf: TensorFlow, name: BackendName): Graphics | undefined {
  const backend = tf.engine().registry[name] as GraphicsBackend | undefined;
  const { gpgpu, device } = backend ?? {};
  const graphics = gpgpu ? watchContext(gpgpu.gl) : device && watchDevice(device);
  // It would wait for ever, and busily, for a lost context to have drawn; so it goes on, and frees what it holds.
  graphics?.lost.addEventListener('abort', () => {
    if (!gpgpu) return;
    for (const item of gpgpu.itemsToPoll) item.isDoneFn = () => true;
    gpgpu.pollFence = async () => {};
  });
  return graphics && { ...graphics, discard: () => discardBackend(tf, name, backend) };
}
