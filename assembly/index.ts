// The WebAssembly kernels, called by lib/runtime/kernels. Tensors are NHWC with 32-bit floats; strides are in bytes.
// Kernels with `start` and `end` compute a part of their output, so that several threads can share it.
//
// kernel       operation, tile, instructions
// convolution  conv2d, 4 pixels × 8 channels with SIMD, 6 × 8 with relaxed SIMD
// winograd     conv2d 3×3 stride 1, F(2×2, 3×3) and F(4×4, 3×3), 4 tiles × 8 channels; SIMD or relaxed SIMD
// depthwise    dwconv2d, 4 pixels × 4 channels (3×3) or 1 × 4 (others); SIMD or relaxed SIMD
// sum, product, pool, resize  1 pixel × 4 channels; SIMD
// frame        zero padding
// toInput      normalisation of RGBA bytes, 1 pixel; SIMD
// shrink, sample     resampling of RGBA bytes; SIMD
// expandBytes, expandHalves, scaleChannels, pack, packMinimal  preparation of weights; SIMD

export { convolution } from './convolution';
export { depthwise } from './depthwise';
export { frame, sum } from './elementwise';
export { expandBytes, expandHalves, scaleChannels } from './expansion';
export { pack, packMinimal } from './packing';
export { toInput } from './pixels';
export { pool } from './pooling';
export { product } from './product';
export { sample, shrink } from './resampling';
export { resize } from './resize';
export { winograd } from './winograd';
