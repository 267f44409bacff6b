/**
 * TensorFlow.js, loaded when it is first needed: importing facenet-web costs nothing of it, and touches no global.
 */
export async function loadTensorFlow() {
  const [core, converter] = await Promise.all([import('@tensorflow/tfjs-core'), import('@tensorflow/tfjs-converter')]);
  return { ...core, loadGraphModelSync: converter.loadGraphModelSync };
}

/** The parts of TensorFlow.js that the runtime uses. */
export type TensorFlow = Awaited<ReturnType<typeof loadTensorFlow>>;
