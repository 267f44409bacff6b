import { lazyImport } from '../../core/lazy-import.ts';
import { SerialQueue } from '../../core/serial-queue.ts';

/** The parts of TensorFlow.js that the runtime uses. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core') &
  Pick<typeof import('@tensorflow/tfjs-converter'), 'loadGraphModelSync'>;

/**
 * TensorFlow.js, loaded when it is first needed: importing facenet-web costs nothing of it, and touches no global.
 */
export async function loadTensorFlow(): Promise<TensorFlow> {
  const [core, converter] = await lazyImport(() =>
    Promise.all([import('@tensorflow/tfjs-core'), import('@tensorflow/tfjs-converter')]),
  );
  return { ...core, loadGraphModelSync: converter.loadGraphModelSync };
}

/** TensorFlow.js has one active backend for the whole page: what sets it and relies on it takes its turn. */
const queue = new SerialQueue();

/**
 * Runs a task on a backend, which is started first if it was not. Other FaceNets wait; the task must not call this again.
 *
 * @param beforeStart what must be done just before this backend starts for the first time on the page.
 * @throws whatever the backend throws when it does not start.
 */
export function onBackend<T>(
  tf: TensorFlow,
  backend: string,
  task: () => Promise<T> | T,
  beforeStart?: () => void,
): Promise<T> {
  return queue.run(async () => {
    const started = backend in tf.engine().registry;
    if (!started) beforeStart?.();
    if (!started || tf.getBackend() !== backend) {
      if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its ${backend} backend`);
      await tf.ready();
    }
    return task();
  });
}

/**
 * Takes a backend that is of no more use from the page, so that the next who asks for it starts another.
 *
 * @param instance the backend that is meant; another that was started meanwhile stays.
 */
export function discardBackend(tf: TensorFlow, name: string, instance: unknown): Promise<void> {
  return queue.run(() => {
    const factory = tf.findBackendFactory(name);
    if (!instance || tf.engine().registry[name] !== instance || !factory) return;
    tf.removeBackend(name);
    tf.registerBackend(name, factory);
  });
}
