import type { Tensor } from '@tensorflow/tfjs-core';

/** The functions of TensorFlow.js that the operators are made of. */
interface Functions {
  registerOp: typeof import('@tensorflow/tfjs-converter').registerOp;
  add: typeof import('@tensorflow/tfjs-core').add;
  div: typeof import('@tensorflow/tfjs-core').div;
  mul: typeof import('@tensorflow/tfjs-core').mul;
  relu6: typeof import('@tensorflow/tfjs-core').relu6;
  sigmoid: typeof import('@tensorflow/tfjs-core').sigmoid;
}

/** Registers the operators of converted graphs that TensorFlow does not have: `Swish` and `HardSwish`. */
export function registerOwnOperators({ registerOp, add, div, mul, relu6, sigmoid }: Functions): void {
  registerOp('Swish', ({ inputs: [x] }) => mul(x as Tensor, sigmoid(x as Tensor)));
  registerOp('HardSwish', ({ inputs: [x] }) => div(mul(x as Tensor, relu6(add(x as Tensor, 3))), 6));
}
