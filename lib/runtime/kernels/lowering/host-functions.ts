import { elementCount } from '../../constant.ts';

/** Computes a tensor from others in JavaScript. All are contiguous and hold `images` images. */
export type HostFunction = (inputs: readonly Float32Array[], output: Float32Array, images: number) => void;

/** A function and the shape of its output for one image. */
export interface ShapedFunction {
  compute: HostFunction;
  shape: number[];
}

/** Applies a function to each value; `i` is the index within the image. */
export function elementwise(apply: (value: number, i: number) => number): HostFunction {
  return ([input = new Float32Array()], output, images) => {
    const length = input.length / images;
    for (let i = 0; i < input.length; i++) output[i] = apply(input[i] as number, i % length);
  };
}

/** Copies the values. */
export const copy: HostFunction = ([input = new Float32Array()], output) => output.set(input);

/** Softmax along the last axis, of the given length. */
export function softmax(length: number): HostFunction {
  return ([input = new Float32Array()], output) => {
    for (let start = 0; start < input.length; start += length) {
      const end = start + length;
      let max = Number.NEGATIVE_INFINITY;
      for (let i = start; i < end; i++) max = Math.max(max, input[i] as number);
      let sum = 0;
      for (let i = start; i < end; i++) {
        output[i] = Math.exp((input[i] as number) - max);
        sum += output[i] as number;
      }
      for (let i = start; i < end; i++) output[i] = (output[i] as number) / sum;
    }
  };
}

/** Concatenates tensors along an axis. */
export function concatenation(shapes: readonly number[][], axis: number): ShapedFunction {
  const [first = []] = shapes;
  const shape = first.map((size, i) => (i === axis ? shapes.reduce((sum, other) => sum + (other[i] ?? 0), 0) : size));
  const outer = elementCount(first.slice(0, axis));
  const compute: HostFunction = (inputs, output, images) => {
    let position = 0;
    for (let i = 0; i < images * outer; i++) {
      for (const input of inputs) {
        const length = input.length / (images * outer);
        output.set(input.subarray(i * length, (i + 1) * length), position);
        position += length;
      }
    }
  };
  return { compute, shape };
}

/** Rearranges channels into blocks of block×block pixels. */
export function depthToSpace([height = 0, width = 0, channels = 0]: readonly number[], block: number): ShapedFunction {
  const length = channels / block;
  const compute: HostFunction = ([input = new Float32Array()], output, images) => {
    for (let row = 0; row < images * height; row++) {
      for (let x = 0; x < width; x++) {
        const from = (row * width + x) * channels;
        for (let y = 0; y < block; y++) {
          const to = ((row * block + y) * width + x) * length;
          for (let i = 0; i < length; i++) output[to + i] = input[from + y * length + i] as number;
        }
      }
    }
  };
  return { compute, shape: [height * block, width * block, channels / (block * block)] };
}
