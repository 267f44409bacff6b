// Runs in the page, bundled: loads networks on each runtime.
import type { ModelDescriptor } from '../../../lib/models/manifest.ts';
import { readGraphModel } from '../../../lib/runtime/graph-model.ts';
import { startBackend } from '../../../lib/runtime/tensorflow/start-backend.ts';
import { artifactsOf } from '../../../lib/runtime/tensorflow/tensorflow-runner.ts';
import { fetchBytes, fetchFiles } from './fetch-files.ts';
import { kernelsSubject } from './kernels-subject.ts';
import type { WorkerRequest } from './kernels-worker.ts';
import type { RuntimeName } from './names.ts';
import { inputOf, type RuntimeSubject, subjectOf } from './subject.ts';

/** The files of the kernels, by runtime, for one thread and for several. */
const wasmFiles = {
  kernels: ['facenet-relaxed-simd', 'facenet-threads'],
  'kernels-plain': ['facenet-simd', 'facenet-simd-threads'],
} as const;

/** Loads a network on a runtime. */
export async function loadSubject(
  name: RuntimeName,
  descriptor: ModelDescriptor,
  threads: number,
): Promise<RuntimeSubject> {
  switch (name) {
    case 'kernels':
    case 'kernels-plain': {
      const [single, shared] = wasmFiles[name];
      return threads > 1 ? workerSubject(descriptor, shared, threads) : kernelsSubject(descriptor, single, 1);
    }
    case 'tfjs-wasm':
      return tensorFlowSubject(descriptor);
    case 'onnxruntime-web':
      return onnxSubject(descriptor, threads);
    case 'litert':
      return liteRtSubject(descriptor, threads);
  }
}

async function workerSubject(descriptor: ModelDescriptor, file: string, threads: number): Promise<RuntimeSubject> {
  const worker = new Worker('/runtimes/kernels-worker.js', { type: 'module' });
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  worker.addEventListener('message', ({ data: { id, result, error } }) => {
    if (error) pending.get(id)?.reject(new Error(error));
    else pending.get(id)?.resolve(result as never);
  });
  let count = 0;
  const call = <T>(method: WorkerRequest['method'], ...args: unknown[]) =>
    new Promise<T>((resolve, reject) => {
      const id = count++;
      pending.set(id, { resolve, reject });
      worker.postMessage({ id, method, args });
    });
  await call('load', descriptor, file, threads);
  return { time: (runs) => call('time', runs), outputs: () => call('outputs'), dispose: () => worker.terminate() };
}

async function tensorFlowSubject(descriptor: ModelDescriptor): Promise<RuntimeSubject> {
  const tf = await startBackend('wasm', {
    readWasmFile: (name) => fetchBytes(`/models/engines/${name.replace('tfjs-wasm', 'tfjs-backend-wasm')}.wasm`),
  });
  const graph = tf.loadGraphModelSync(artifactsOf(tf, readGraphModel(await fetchFiles(descriptor))));
  const [, ...shape] = descriptor.input.shape;
  const input = tf.tensor(inputOf(descriptor.preprocessing, false), [1, ...shape]);
  const names = descriptor.outputs.map(({ name }) => name);
  return subjectOf(
    async () => {
      const tensors = [await graph.execute({ [descriptor.input.name]: input }, names)].flat();
      const values = tensors.map((tensor) => tensor.dataSync<'float32'>());
      for (const tensor of tensors) tensor.dispose();
      return values;
    },
    () => graph.dispose(),
  );
}

async function onnxSubject({ name, preprocessing }: ModelDescriptor, threads: number): Promise<RuntimeSubject> {
  const ort = (await import('/onnxruntime/ort.wasm.min.mjs' as string)) as typeof import('onnxruntime-web');
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = '/onnxruntime/';
  const options = { executionProviders: ['wasm'], graphOptimizationLevel: 'all' } as const;
  const session = await ort.InferenceSession.create(await fetchBytes(`/runtimes/${name}.onnx`), options);
  const { width, height } = preprocessing;
  const [inputName = ''] = session.inputNames;
  const tensor = new ort.Tensor('float32', inputOf(preprocessing, true), [1, 3, height, width]);
  return subjectOf(
    async () => {
      const results = await session.run({ [inputName]: tensor });
      return session.outputNames.map((output) => results[output]?.data as Float32Array);
    },
    () => void session.release(),
  );
}

async function liteRtSubject(
  { name, outputs, preprocessing }: ModelDescriptor,
  threads: number,
): Promise<RuntimeSubject> {
  const { loadAndCompile, loadLiteRt, Tensor } = await import('@litertjs/core');
  liteRt ??= loadLiteRt('/litert/', { threads: threads > 1 });
  await liteRt;
  const options = { accelerator: 'wasm', cpuOptions: { numThreads: threads } } as const;
  const model = await loadAndCompile(await fetchBytes(`/runtimes/${name}.tflite`), options);
  const { width, height } = preprocessing;
  const names = model.getOutputDetails().map((details) => details.name);
  const order = outputs.map((output) => names.indexOf(output.name));
  const input = new Tensor(inputOf(preprocessing, false), [1, height, width, 3]);
  return subjectOf(
    async () => {
      const results = await model.run([input]);
      // LiteRT.js returns the outputs in an order of its own.
      const values = order.map((i) => (results[i] as InstanceType<typeof Tensor>).toTypedArray() as Float32Array);
      for (const tensor of results) tensor.delete();
      return values;
    },
    () => model.delete(),
  );
}

/** LiteRT.js is global to the page and loaded once. */
let liteRt: Promise<unknown> | undefined;
