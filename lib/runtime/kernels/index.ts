// The part of the kernels that is a chunk of its own, loaded when a network first runs on them.

export { startKernelResampler } from './kernel-resampler.ts';
export { KernelRunner } from './kernel-runner.ts';
export { UnsupportedOperatorError } from './lowering/node-attributes.ts';
