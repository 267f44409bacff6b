/** Computes a tensor from others, for as many pictures as there are; all are compact. */
export type Rearrangement = (inputs: readonly Float32Array[], output: Float32Array, pictures: number) => void;

interface Shaped {
  rearrange: Rearrangement;
  /** The shape of what it makes, for one picture. */
  shape: number[];
}

/** A function of each value and its place within its picture. */
export function elementwise(of: (value: number, i: number) => number): Rearrangement {
  return ([input = new Float32Array()], output, pictures) => {
    const length = input.length / pictures;
    for (let i = 0; i < input.length; i++) output[i] = of(input[i] as number, i % length);
  };
}

/** Exponentials that add up to one, along the last axis. */
export function softmax(length: number): Rearrangement {
  return ([input = new Float32Array()], output) => {
    for (let start = 0; start < input.length; start += length) {
      const logits = input.subarray(start, start + length);
      const largest = Math.max(...logits);
      const exponentials = logits.map((value) => Math.exp(value - largest));
      const sum = exponentials.reduce((total, value) => total + value, 0);
      output.set(
        exponentials.map((value) => value / sum),
        start,
      );
    }
  };
}

/** Tensors one after the other along an axis. */
export function concatenation(shapes: readonly number[][], axis: number): Shaped {
  const [first = []] = shapes;
  const shape = first.map((size, i) => (i === axis ? shapes.reduce((sum, other) => sum + (other[i] ?? 0), 0) : size));
  const outer = product(first.slice(0, axis));
  const rearrange: Rearrangement = (inputs, output, pictures) => {
    let at = 0;
    for (let i = 0; i < pictures * outer; i++) {
      for (const input of inputs) {
        const chunk = input.length / (pictures * outer);
        output.set(input.subarray(i * chunk, (i + 1) * chunk), at);
        at += chunk;
      }
    }
  };
  return { rearrange, shape };
}

/** A part of a tensor; a size of −1 reaches to the end. */
export function slice(from: readonly number[], begin: readonly number[], size: readonly number[]): Shaped {
  const shape = from.map((whole, i) => (size[i] === -1 ? whole - (begin[i] ?? 0) : (size[i] ?? whole)));
  const rearrange: Rearrangement = ([input = new Float32Array()], output, pictures) => {
    let to = 0;
    const copy = (axis: number, at: number): void => {
      if (axis === from.length) {
        output[to++] = input[at] as number;
        return;
      }
      for (let i = 0; i < (shape[axis] ?? 0); i++) copy(axis + 1, at * (from[axis] ?? 1) + (begin[axis] ?? 0) + i);
    };
    for (let picture = 0; picture < pictures; picture++) copy(0, picture);
  };
  return { rearrange, shape };
}

/** Channels become blocks of pixels. */
export function depthToSpace([height = 0, width = 0, channels = 0]: readonly number[], block: number): Shaped {
  const chunk = channels / block;
  const rearrange: Rearrangement = ([input = new Float32Array()], output, pictures) => {
    for (let row = 0; row < pictures * height; row++) {
      for (let x = 0; x < width; x++) {
        const from = (row * width + x) * channels;
        for (let y = 0; y < block; y++) {
          const to = ((row * block + y) * width + x) * chunk;
          for (let i = 0; i < chunk; i++) output[to + i] = input[from + y * chunk + i] as number;
        }
      }
    }
  };
  return { rearrange, shape: [height * block, width * block, channels / (block * block)] };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
