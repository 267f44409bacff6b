import { lazyImport } from '../../core/lazy-import.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import { registerOwnOperators } from './own-operators.ts';

/** The parts of TensorFlow.js that the runtime uses. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core') &
  Pick<typeof import('@tensorflow/tfjs-converter'), 'loadGraphModelSync'>;

/** Loads TensorFlow.js on first use, so that importing facenet-web neither downloads it nor changes a global. */
export async function loadTensorFlow(): Promise<TensorFlow> {
  const [core, converter] = await lazyImport(() =>
    Promise.all([import('@tensorflow/tfjs-core'), import('@tensorflow/tfjs-converter')]),
  );
  registerOwnOperators({ ...core, registerOp: converter.registerOp });
  return { ...core, loadGraphModelSync: converter.loadGraphModelSync };
}

/** TensorFlow.js has one active backend for the whole page: tasks that depend on it run one at a time. */
const queue = new SerialQueue();

/**
 * Runs a task while a backend is active; starts the backend if necessary. Tasks are serialised across the page, so a
 * task must not call this function.
 *
 * @param beforeStart runs just before the backend starts for the first time on the page.
 * @throws {Error} when the backend does not start.
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
 * Removes a backend whose context was lost, so that its next use starts a new instance.
 *
 * @param instance the lost instance. A newer instance of the same name is not removed.
 */
export function discardBackend(tf: TensorFlow, name: string, instance: unknown): Promise<void> {
  return queue.run(() => {
    const factory = tf.findBackendFactory(name);
    if (!instance || tf.engine().registry[name] !== instance || !factory) return;
    tf.removeBackend(name);
    tf.registerBackend(name, factory);
  });
}
