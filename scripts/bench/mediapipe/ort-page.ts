// Runs in the page, bundled: MobileFaceNet on ONNX Runtime Web.
import { type Embed, networkInput } from './glue.ts';

export * from './glue.ts';

/** Starts the network on one thread. */
export async function startEmbedder(): Promise<Embed> {
  const ort = (await import('/onnxruntime/ort.wasm.min.mjs' as string)) as typeof import('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/onnxruntime/';
  const session = await ort.InferenceSession.create('/runtimes/mobilefacenet.onnx', { executionProviders: ['wasm'] });
  const [input, output] = [session.inputNames[0] as string, session.outputNames[0] as string];
  return async (crop) => {
    const tensor = new ort.Tensor('float32', networkInput(crop, 'NCHW'), [1, 3, 112, 112]);
    const results = await session.run({ [input]: tensor });
    return results[output]?.data as Float32Array;
  };
}
