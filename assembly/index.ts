// The kernels of facenet-web's inference engine: what lib/runtime/kernels/ calls. Tensors are NHWC with four-byte floats;
// strides are in bytes.
export { convolution } from './convolution';
export { depthwise } from './depthwise';
export { frame, sum } from './elementwise';
export { expandBytes, expandHalves, scaleChannels } from './expansion';
export { pack, packMinimal } from './packing';
export { toInput } from './pixels';
export { pool } from './pooling';
export { sample, shrink } from './resampling';
export { resize } from './resize';
export { winograd } from './winograd';
