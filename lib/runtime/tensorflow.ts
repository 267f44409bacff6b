/** The parts of TensorFlow.js that the runtime uses. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core') &
  Pick<typeof import('@tensorflow/tfjs-converter'), 'loadGraphModelSync'>;

/**
 * TensorFlow.js, loaded when it is first needed: importing facenet-web costs nothing of it, and touches no global.
 */
export async function loadTensorFlow(): Promise<TensorFlow> {
  const [core, converter] = await Promise.all([import('@tensorflow/tfjs-core'), import('@tensorflow/tfjs-converter')]);
  return { ...core, loadGraphModelSync: converter.loadGraphModelSync };
}
