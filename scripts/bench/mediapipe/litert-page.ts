// Runs in the page, bundled: MobileFaceNet on LiteRT.js.
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import { type Embed, networkInput } from './glue.ts';

export * from './glue.ts';

/** Starts the network on one thread. */
export async function startEmbedder(): Promise<Embed> {
  await loadLiteRt('/litert/', { threads: false });
  const options = { accelerator: 'wasm', cpuOptions: { numThreads: 1 } } as const;
  const model = await loadAndCompile('/runtimes/mobilefacenet.tflite', options);
  return async (crop) => {
    const tensor = new Tensor(networkInput(crop, 'NHWC'), [1, 112, 112, 3]);
    const results = await model.run([tensor]);
    tensor.delete();
    const embedding = (results[0] as Tensor).toTypedArray() as Float32Array;
    for (const result of results) result.delete();
    return embedding;
  };
}
