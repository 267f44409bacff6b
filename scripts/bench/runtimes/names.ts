/** The networks of the benchmark, as the manifest names them. */
export const networkNames = [
  'mobilefacenet',
  'dlib-resnet-34',
  'blazeface-full',
  'blazeface-short',
  'facemesh-468',
] as const;
export type NetworkName = (typeof networkNames)[number];

/** The runtimes: our kernels with relaxed and with plain SIMD, and what a developer would use instead. */
export const runtimeNames = ['kernels', 'kernels-plain', 'tfjs-wasm', 'onnxruntime-web', 'litert'] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** The runtimes that are measured on two threads. TensorFlow.js is not: the library runs it on one. */
export const threadedRuntimeNames = ['kernels', 'kernels-plain', 'onnxruntime-web', 'litert'] as const;
