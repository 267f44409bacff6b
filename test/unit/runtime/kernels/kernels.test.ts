import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { GraphBuilder } from '../../../../cli/convert/graph/graph-builder.ts';
import { seeded } from '../../../../lib/core/random.ts';
import type { Pixels } from '../../../../lib/core/types.ts';
import { type Affine, square } from '../../../../lib/image/affine.ts';
import { pixelPicture } from '../../../../lib/image/picture.ts';
import { type PixelSource, warp } from '../../../../lib/image/warp.ts';
import type { Manifest, ModelDescriptor } from '../../../../lib/models/manifest.ts';
import { Constant, expanded, readGraphModel } from '../../../../lib/runtime/graph-model.ts';
import { type Call, instantiate, type Kernels, kernelsFile } from '../../../../lib/runtime/kernels/kernels.ts';
import { Memory } from '../../../../lib/runtime/kernels/memory.ts';
import { EngineRunner, startResampler, UnsupportedOperator } from '../../../../lib/runtime/kernels/runner.ts';
import type { Crew } from '../../../../lib/runtime/kernels/threads.ts';
import { Network } from '../../../../lib/runtime/network.ts';
import { selfCheckPixels, toInput } from '../../../../lib/runtime/preprocess.ts';

const models = new URL('../../../../public/models/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', models), 'utf8')) as Manifest;
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, models)));
const kernels = (name: string) => read(`engines/${name}.wasm`);
/** Those that this Node can run. */
const runnable = ['facenet-simd', 'facenet-relaxed-simd'].filter((name) => WebAssembly.validate(kernels(name)));

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** A graph under construction, with the size of what it last made. */
class Sketch {
  readonly graph = new GraphBuilder();
  readonly #random: () => number;
  readonly input: { height: number; width: number };
  /** Everything of three axes that was made, newest last. */
  readonly made: { name: string; height: number; width: number; channels: number }[];
  #count = 0;

  constructor(seed: number, height: number, width: number) {
    this.#random = seeded(seed);
    this.input = { height, width };
    this.made = [{ name: this.graph.input('image', [-1, height, width, 3]), height, width, channels: 3 }];
  }

  get last() {
    return this.made.at(-1) as (typeof this.made)[number];
  }

  /** A whole number from `from` to `to`. */
  number(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  pick<T>(...from: T[]): T {
    return from[this.number(0, from.length - 1)] as T;
  }

  name(): string {
    return `n${this.#count++}`;
  }

  /**
   * Weights that leave values about as large as they are, as training does: a sigmoid of thousands would tell rounding alone.
   */
  weights(...shape: number[]): string {
    const inputs = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const most = Math.sqrt(3 / inputs);
    return this.graph.floats(
      this.name(),
      shape,
      Array.from({ length: inputs * (shape.at(-1) as number) }, () => most * (this.#random() * 2 - 1)),
    );
  }

  put(name: string, height: number, width: number, channels: number): void {
    this.made.push({ name, height, width, channels });
  }
}

const base64 = (text: string) => ({ s: Buffer.from(text).toString('base64') });
const outputSize = (size: number, window: number, stride: number, padding: 'SAME' | 'VALID') =>
  padding === 'SAME' ? Math.ceil(size / stride) : Math.floor((size - window) / stride) + 1;

/** Each operator of the engine, in every form that it takes, on what the sketch last made. */
const operators: Record<string, (sketch: Sketch) => void> = {
  convolution(sketch) {
    const { name, height, width, channels } = sketch.last;
    const [rows, columns] = [sketch.number(1, Math.min(5, height)), sketch.number(1, Math.min(5, width))];
    const outputs = sketch.number(1, 19);
    const [stride, padding] = [sketch.number(1, 2), sketch.pick('SAME' as const, 'VALID' as const)];
    const activation = sketch.pick(undefined, 'Relu' as const, 'Relu6' as const, 'Prelu' as const);
    const [filter, bias] = [sketch.weights(rows, columns, channels, outputs), sketch.weights(outputs)];
    const alpha = activation === 'Prelu' ? { alpha: sketch.weights(1, 1, outputs) } : {};
    const options = { stride, padding, ...(activation && { activation }), ...alpha };
    const made = sketch.graph.convolution(sketch.name(), name, filter, bias, options);
    sketch.put(made, outputSize(height, rows, stride, padding), outputSize(width, columns, stride, padding), outputs);
  },
  minimalFiltering(sketch) {
    const { name, height, width, channels } = sketch.last;
    const between = sketch.pick(16, 20, 24);
    const [outputs, padding] = [sketch.pick(16, 19, 28), sketch.pick('SAME' as const, 'VALID' as const)];
    const [widening, none] = [sketch.weights(1, 1, channels, between), sketch.weights(between)];
    const wide = sketch.graph.convolution(sketch.name(), name, widening, none);
    const [filter, bias] = [sketch.weights(3, 3, between, outputs), sketch.weights(outputs)];
    const alpha = sketch.pick({}, { activation: 'Prelu' as const, alpha: sketch.weights(1, 1, outputs) });
    if (padding === 'VALID' && Math.min(height, width) < 3) return;
    const made = sketch.graph.convolution(sketch.name(), wide, filter, bias, { padding, ...alpha });
    const [h, w] = [outputSize(height, 3, 1, padding), outputSize(width, 3, 1, padding)];
    sketch.put(made, h, w, outputs);
    // With what was before as its residual, where that fits.
    if (padding === 'VALID' || 'alpha' in alpha || between > outputs) return;
    const paddings = sketch.graph.integers(sketch.name(), [4, 2], [0, 0, 0, 0, 0, 0, 0, outputs - between]);
    const shortcut = sketch.graph.op(sketch.name(), 'Pad', [wide, paddings]);
    sketch.put(sketch.graph.op(sketch.name(), 'AddV2', [shortcut, made]), h, w, outputs);
  },
  depthwise(sketch) {
    const { name, height, width, channels } = sketch.last;
    const size = sketch.pick(3, 3, sketch.number(1, 5));
    const rows = Math.min(size, height);
    const columns = Math.min(size, width);
    const [stride, padding] = [sketch.number(1, 2), sketch.pick('SAME' as const, 'VALID' as const)];
    const activation = sketch.pick(undefined, 'Relu' as const, 'Relu6' as const);
    const [filter, bias] = [sketch.weights(rows, columns, channels, 1), sketch.weights(channels)];
    const options = { depthwise: true, stride, padding, ...(activation && { activation }) };
    const made = sketch.graph.convolution(sketch.name(), name, filter, bias, options);
    sketch.put(made, outputSize(height, rows, stride, padding), outputSize(width, columns, stride, padding), channels);
  },
  pool(sketch) {
    const { name, height, width, channels } = sketch.last;
    const size = sketch.number(1, Math.min(3, height, width));
    const [stride, padding] = [sketch.number(1, 2), sketch.pick('SAME' as const, 'VALID' as const)];
    const made = sketch.graph.pool(sketch.name(), name, sketch.pick('MaxPool', 'AvgPool'), size, stride, padding);
    sketch.put(made, outputSize(height, size, stride, padding), outputSize(width, size, stride, padding), channels);
  },
  residual(sketch) {
    const { name, height, width, channels } = sketch.last;
    const outputs = channels + sketch.pick(0, 0, 1, 4, 6);
    const others = sketch.made.filter(
      (other) => other.height === height && other.width === width && other.channels <= outputs,
    );
    const other = sketch.pick(...others);
    const paddings = sketch.graph.integers(sketch.name(), [4, 2], [0, 0, 0, 0, 0, 0, 0, outputs - other.channels]);
    const shortcut = sketch.graph.op(sketch.name(), 'Pad', [other.name, paddings]);
    const [filter, bias] = [sketch.weights(1, 1, channels, outputs), sketch.weights(outputs)];
    const convolved = sketch.graph.convolution(sketch.name(), name, filter, bias);
    const terms = sketch.pick([shortcut, convolved], [convolved, shortcut]);
    sketch.put(sketch.graph.op(sketch.name(), 'AddV2', terms), height, width, outputs);
  },
  sum(sketch) {
    const { name, height, width, channels } = sketch.last;
    const made = sketch.graph.op(sketch.name(), 'AddV2', [name, name]);
    sketch.put(made, height, width, channels);
  },
  bias(sketch) {
    const { name, height, width, channels } = sketch.last;
    sketch.put(sketch.graph.op(sketch.name(), 'AddV2', [name, sketch.weights(channels)]), height, width, channels);
  },
  activation(sketch) {
    const { name, height, width, channels } = sketch.last;
    const op = sketch.pick('Relu', 'Relu6', 'Prelu');
    const inputs = op === 'Prelu' ? [name, sketch.weights(1, 1, channels)] : [name];
    sketch.put(sketch.graph.op(sketch.name(), op, inputs), height, width, channels);
  },
  pad(sketch) {
    const { name, height, width, channels } = sketch.last;
    const [top, bottom, left, right] = [0, 0, 0, 0].map(() => sketch.number(0, 2)) as [number, number, number, number];
    const paddings = sketch.graph.integers(sketch.name(), [4, 2], [0, 0, top, bottom, left, right, 0, 0]);
    const made = sketch.graph.op(sketch.name(), 'Pad', [name, paddings]);
    sketch.put(made, height + top + bottom, width + left + right, channels);
  },
  resize(sketch) {
    const { name, channels } = sketch.last;
    const [height, width] = [sketch.number(2, 12), sketch.number(2, 12)];
    const size = sketch.graph.integers(sketch.name(), [2], [height, width]);
    const mode = sketch.pick('align_corners', 'half_pixel_centers', undefined);
    const attributes = {
      align_corners: { b: mode === 'align_corners' },
      half_pixel_centers: { b: mode === 'half_pixel_centers' },
    };
    sketch.put(sketch.graph.op(sketch.name(), 'ResizeBilinear', [name, size], attributes), height, width, channels);
  },
  depthToSpace(sketch) {
    const { name, height, width, channels } = sketch.last;
    if (channels % 4 !== 0 || height > 8) return;
    sketch.put(sketch.graph.depthToSpace(sketch.name(), name, 2), height * 2, width * 2, channels / 4);
  },
};

/** What a network may end in, by the name of the output. */
const endings: Record<string, (sketch: Sketch) => string> = {
  picture: ({ last }) => last.name,
  vector(sketch) {
    const { graph, last } = sketch;
    const axes = graph.integers(sketch.name(), [2], [1, 2]);
    const mean = graph.op(sketch.name(), 'Mean', [last.name, axes], { keep_dims: { b: false } });
    const attributes = { transpose_a: { b: false }, transpose_b: { b: false } };
    const product = graph.op(sketch.name(), 'MatMul', [mean, sketch.weights(last.channels, 13)], attributes);
    const sum = graph.op(sketch.name(), 'AddV2', [product, sketch.weights(13)]);
    return sketch.pick(sum, graph.op(sketch.name(), 'Softmax', [sum]));
  },
  flattened(sketch) {
    const { graph, last } = sketch;
    const length = last.height * last.width * last.channels;
    const flat = graph.op(sketch.name(), 'Reshape', [last.name, graph.integers(sketch.name(), [2], [-1, length])]);
    const [weights, bias] = [sketch.weights(length, 7), sketch.weights(7)];
    return graph.op(sketch.name(), '_FusedMatMul', [flat, weights, bias], {
      transpose_a: { b: false },
      transpose_b: { b: false },
      fused_ops: { list: { s: ['BiasAdd', 'Relu'].map((name) => base64(name).s) } },
      num_args: { i: '1' },
      epsilon: { f: 0 },
    });
  },
  list(sketch) {
    const { graph, last, made } = sketch;
    const list = ({ name, height, width, channels }: typeof last) =>
      graph.op(sketch.name(), 'Reshape', [
        name,
        graph.integers(sketch.name(), [3], [-1, height * width * channels, 1]),
      ]);
    const lists = [last, sketch.pick(...made.slice(1))].map(list);
    const axis = graph.integers(sketch.name(), [], [1]);
    const both = graph.op(sketch.name(), 'ConcatV2', [...lists, axis], { N: { i: '2' } });
    const [begin, size] = [
      graph.integers(sketch.name(), [3], [0, 1, 0]),
      graph.integers(sketch.name(), [3], [-1, -1, -1]),
    ];
    const rest = graph.op(sketch.name(), 'Slice', [both, begin, size]);
    const scaled = graph.op(sketch.name(), 'Mul', [graph.op(sketch.name(), 'Sigmoid', [rest]), sketch.weights(1)]);
    return graph.op(sketch.name(), 'Exp', [scaled]);
  },
};

/** The files of a network that was sketched, and what tells of it. */
function finished({ graph, input }: Sketch, output: string) {
  const { json, weights } = graph.build();
  const descriptor = {
    name: 'sketch',
    input: { name: 'image', shape: [] },
    outputs: [{ name: output, shape: [] }],
    preprocessing: { ...input, channels: 'bgr', mean: [120, 130, 140], std: [90, 100, 110] },
  } as unknown as ModelDescriptor;
  const files = { json: new Uint8Array(Buffer.from(JSON.stringify(json))), weights: new Uint8Array(weights) };
  return { descriptor, files };
}
type Files = ReturnType<typeof finished>['files'];

/** What TensorFlow.js computes in plain JavaScript. */
function inPlainJavaScript({ input, outputs, preprocessing }: ModelDescriptor, files: Files, pictures: Pixels[]) {
  const { modelTopology, weightsManifest } = JSON.parse(Buffer.from(files.json).toString());
  const weightData = new Uint8Array(files.weights).buffer;
  const model = tf.loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const { width, height } = preprocessing;
  const answers = tf.tidy(() => {
    const x = tf.tensor4d(toInput(pictures, preprocessing), [pictures.length, height, width, 3]);
    const names = outputs.map(({ name }) => name);
    return [model.execute({ [input.name]: x }, names)].flat().map((y) => y.dataSync() as Float32Array);
  });
  model.dispose();
  return answers;
}

function noise(seed: number, { height, width }: { height: number; width: number }): Pixels {
  const random = seeded(seed);
  return { width, height, data: new Uint8ClampedArray(width * height * 4).map(() => random() * 256) };
}

/** The largest difference, as a share of a size. */
function difference(a: Float32Array, b: Float32Array, size = largest(a)): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0) / size;
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
}

/** Other threads' work, done by this one: their shares of a step in an order that no thread would keep to. */
function crewOf(size: number, kernels: Kernels): Crew {
  const plans = new Map<number, readonly (readonly Call[])[]>();
  return {
    size,
    ended: () => undefined,
    plan: (pictures, calls) => plans.set(pictures, calls),
    run(pictures, steps) {
      const plan = plans.get(pictures) ?? [];
      expect(plan).toHaveLength(steps.length);
      steps.forEach((step, i) => {
        for (const { kernel, numbers } of (plan[i] ?? []).slice(1).reverse()) kernels[kernel](...numbers);
        step();
      });
    },
    leave() {},
  };
}

/** The answers of a network whose steps are shared out among so many threads. */
async function sharedOut(size: number, { descriptor, files }: ReturnType<typeof finished>, pictures: Pixels[]) {
  const instantiate = WebAssembly.instantiate as (module: WebAssembly.Module) => Promise<WebAssembly.Instance>;
  let own: Kernels | undefined;
  // The network's own kernels do the others' work, since only workers share a memory.
  const spy = vi.spyOn(WebAssembly, 'instantiate').mockImplementation((async (module: WebAssembly.Module) => {
    const instance = await instantiate.call(WebAssembly, module);
    own = instance.exports as unknown as Kernels;
    return instance;
  }) as never);
  const enter = () => crewOf(size, own as Kernels);
  const runner = await EngineRunner.start(descriptor, files, await WebAssembly.compile(kernels('facenet-simd')), {
    enter,
  });
  spy.mockRestore();
  const [answer] = await runner.run(pictures);
  runner.dispose();
  return answer;
}

async function expectAgreement(sketch: Sketch, output: string, pictures: Pixels[]): Promise<void> {
  const { descriptor, files } = finished(sketch, output);
  const [expected] = inPlainJavaScript(descriptor, files, pictures) as [Float32Array];
  // What an ending leaves can be the small difference of large values, whose rounding it inherits.
  const last = finished(sketch, sketch.last.name);
  const [before] = inPlainJavaScript(last.descriptor, last.files, pictures) as [Float32Array];
  const size = Math.max(largest(expected), largest(before));
  for (const name of runnable) {
    const runner = await EngineRunner.start(descriptor, files, await WebAssembly.compile(kernels(name)));
    // Twice: the second run finds what the first one left in memory.
    for (let i = 0; i < 2; i++) {
      const [answer] = await runner.run(pictures);
      expect(difference(expected, answer as Float32Array, size), name).toBeLessThan(1e-5);
    }
    if (name === 'facenet-simd') {
      const [alone] = await runner.run(pictures);
      // Any number of threads gives the same, to the last bit.
      for (const size of [2, 3, 7]) expect(await sharedOut(size, { descriptor, files }, pictures)).toEqual(alone);
    }
    runner.dispose();
  }
}

describe('the engine computes what TensorFlow.js computes in plain JavaScript', () => {
  test.each(Object.keys(operators))('for each form of %s', async (operator) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 5, max: 13 }),
        fc.integer({ min: 5, max: 13 }),
        async (seed, h, w) => {
          const sketch = new Sketch(seed, h, w);
          operators.convolution?.(sketch);
          operators[operator]?.(sketch);
          await expectAgreement(sketch, sketch.last.name, [noise(seed, sketch.input)]);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('for tiles of every size, of one picture and of several', async () => {
    const side = fc.integer({ min: 4, max: 17 });
    await fc.assert(
      fc.asyncProperty(fc.integer(), side, side, fc.integer({ min: 1, max: 4 }), async (seed, h, w, count) => {
        const sketch = new Sketch(seed, h, w);
        operators.minimalFiltering?.(sketch);
        const pictures = Array.from({ length: count }, (_, i) => noise(seed + i, sketch.input));
        await expectAgreement(sketch, sketch.last.name, pictures);
      }),
      { numRuns: 60 },
    );
  });

  test.each(Object.keys(endings))('for networks of any operators that end in this: %s', async (ending) => {
    const chain = fc.array(fc.constantFrom(...Object.keys(operators)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.integer(), chain, fc.integer({ min: 1, max: 4 }), async (seed, names, count) => {
        const sketch = new Sketch(seed, 11, 9);
        operators.convolution?.(sketch);
        for (const name of names) if (sketch.last.height > 1 && sketch.last.width > 1) operators[name]?.(sketch);
        const output = endings[ending]?.(sketch) as string;
        const pictures = Array.from({ length: count }, (_, i) => noise(seed + i, sketch.input));
        await expectAgreement(sketch, output, pictures);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(runnable)('on the kernels %s', (name) => {
  test.each(manifest.models.filter(({ engine }) => engine === 'tfjs').map((model) => [model.name, model] as const))(
    '%s gives its known answer, alone and among others',
    async (_, descriptor) => {
      const [json, weights] = descriptor.files.map(({ path }) => read(path)) as [
        Uint8Array<ArrayBuffer>,
        Uint8Array<ArrayBuffer>,
      ];
      const module = await WebAssembly.compile(kernels(name));
      const runtime = {
        description: name,
        start: (...given: [ModelDescriptor, Files]) => EngineRunner.start(...given, module),
      };
      const network = await Network.load(runtime, descriptor, { json, weights });
      expect(await network.check()).toBeUndefined();
      const known = selfCheckPixels(descriptor.preprocessing);
      const [alone] = await network.run([known]);
      const [, , together] = await network.run([noise(1, known), noise(2, known), known]);
      together?.forEach((values, i) => {
        expect(difference(alone?.[i] as Float32Array, values)).toBeLessThan(1e-6);
      });
      network.dispose();
    },
  );
});

test('the kernels resample as plain JavaScript does, to a rounding', async () => {
  const picture: PixelSource = pixelPicture(noise(5, { height: 90, width: 130 }));
  for (const name of runnable) {
    const resampler = await startResampler(await WebAssembly.compile(kernels(name)));
    fc.assert(
      fc.property(
        fc.record({
          x: fc.integer({ min: -30, max: 160 }),
          y: fc.integer({ min: -30, max: 120 }),
          side: fc.integer({ min: 4, max: 300 }),
          roll: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
          size: fc.integer({ min: 1, max: 40 }),
        }),
        ({ x, y, side, roll, size }) => {
          // No sample on the picture's very edge, where a rounding decides whether it is still within it.
          const view = square({ x: x + 0.1234567, y: y + 0.1234567 }, side, roll, size);
          const expected = warp(picture, view, size, size).data;
          const answer = warp({ ...picture, resampler }, view, size, size).data;
          expect(answer.length).toBe(expected.length);
          expect(furthest(answer, expected), name).toBeLessThanOrEqual(1);
        },
      ),
    );
    // One picture, whose pixels are kept from view to view, in any order of views that are shrunk by something or by nothing.
    const views = [
      square({ x: 640, y: 480 }, 1280, 0, 128),
      square({ x: 300, y: 300 }, 120, 0, 192),
      square({ x: 640, y: 480 }, 1280, Math.PI, 128),
      square({ x: 300, y: 300 }, 500, 1, 128),
      square({ x: 1270, y: 950 }, 60, 2, 128),
    ] as const;
    const whole: PixelSource = pixelPicture(noise(8, { height: 960, width: 1280 }));
    const same = { ...whole, resampler };
    const plain = views.map((view) => warp(whole, view, 128, 128).data);
    fc.assert(
      fc.property(fc.array(fc.nat(views.length - 1), { maxLength: 12 }), (order) => {
        for (const i of order) {
          const answer = warp(same, views[i] as Affine, 128, 128).data;
          expect(furthest(answer, plain[i] as Uint8ClampedArray), `${name}, ${order}`).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 20 },
    );
    for (const [width, height] of [
      [1, 1],
      [1, 7],
      [7, 1],
      [2, 3],
    ] as const) {
      const tiny: PixelSource = pixelPicture(noise(9, { height, width }));
      for (const view of [square({ x: width / 2, y: height / 2 }, 8, 0.5, 12), square({ x: 0, y: 0 }, 1e11, 0, 12)]) {
        const answer = warp({ ...tiny, resampler }, view, 12, 12).data;
        expect(furthest(answer, warp(tiny, view, 12, 12).data), `${name}, ${width}×${height}`).toBeLessThanOrEqual(1);
      }
    }
    // As many pixels to a square, all of them white, as the sums of its columns have room for.
    const white: PixelSource = pixelPicture({
      width: 600,
      height: 523,
      data: new Uint8ClampedArray(600 * 523 * 4).fill(255),
    });
    const two = warp({ ...white, resampler }, square({ x: 300, y: 261.5 }, 515, 0, 2), 2, 2).data;
    expect([...two], name).toEqual(Array(16).fill(255));
    // Too large to be read at once.
    const large: PixelSource = pixelPicture(noise(6, { height: 1100, width: 2100 }));
    for (const view of [
      square({ x: 1050, y: 550 }, 2100, 0, 40),
      square({ x: 900, y: 300 }, 1500, 1, 40),
      square({ x: 2090, y: 10 }, 50, 2, 40),
    ]) {
      const answer = warp({ ...large, resampler }, view, 40, 40).data;
      expect(furthest(answer, warp(large, view, 40, 40).data), name).toBeLessThanOrEqual(1);
    }
    // Pixels that were written over are another picture.
    const pixels = noise(7, { height: 20, width: 20 });
    for (const value of [10, 200]) {
      pixels.data.fill(value);
      const answer = warp({ ...pixelPicture(pixels), resampler }, square({ x: 10, y: 10 }, 20, 0, 20), 20, 20);
      expect([...answer.data.subarray(0, 4)], name).toEqual([value, value, value, 255]);
    }
    const kept = { ...picture, resampler, read: vi.fn(picture.read) };
    for (const roll of [0, 1, 2]) warp(kept, square({ x: 65, y: 45 }, 300, roll, 40), 40, 40);
    expect(kept.read, 'pixels that were read for one view serve for the next').toHaveBeenCalledTimes(1);
  }
});

/** The largest difference between two crops, of 255. */
function furthest(one: Uint8ClampedArray, other: Uint8ClampedArray): number {
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] as number))), 0);
}

describe('the kernels expand weights', () => {
  const start = async (name: string) => {
    const exports = await instantiate(await WebAssembly.compile(kernels(name)));
    const memory = new Memory(exports.memory);
    memory.reserve(1 << 20);
    return { exports, memory, from: 4096, to: 1 << 18 };
  };

  test.each(runnable)('from every float of 16 bits, %s', async (name) => {
    const { exports, memory, from, to } = await start(name);
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
    memory.bytes(from, halves.byteLength).set(new Uint8Array(halves.buffer));
    exports.expandHalves(from, halves.length, to);
    expect(memory.floats(to, halves.length)).toEqual(expanded({ form: 'halves', values: halves }));
  });

  test.each(runnable)('from bytes, and by a factor for each channel, %s', async (name) => {
    const { exports, memory, from, to } = await start(name);
    for (const channels of [1, 2, 3, 5, 8, 13]) {
      const bytes = Uint8Array.from({ length: 7 * channels }, (_, i) => i * 37);
      const factors = Float32Array.from({ length: channels }, (_, i) => i - 2.5);
      const stored = { form: 'steps', values: bytes, scale: 0.01, min: -1.3 } as const;
      const expected = new Constant([7, channels], 'float32', stored, factors).values;
      memory.bytes(from, bytes.length).set(bytes);
      exports.expandBytes(from, bytes.length, stored.scale, stored.min, to);
      memory.floats(from, channels).set(factors);
      exports.scaleChannels(to, 7, channels, from);
      const answer = memory.floats(to, bytes.length);
      for (const [i, value] of expected.entries()) expect(answer[i]).toBeCloseTo(value, 5);
    }
  });
});

describe('what the engine cannot do', () => {
  test.each([
    ['an operator that it does not know', (sketch: Sketch) => sketch.graph.op('out', 'Softplus', ['image'])],
    [
      'a dilated convolution',
      (sketch: Sketch) =>
        sketch.graph.op('out', 'Conv2D', ['image', sketch.weights(3, 3, 3, 4)], {
          strides: { list: { i: ['1', '1', '1', '1'] } },
          dilations: { list: { i: ['1', '2', '2', '1'] } },
          padding: base64('SAME'),
          data_format: base64('NHWC'),
        }),
    ],
  ])('is refused by a type of its own: %s', async (_, build) => {
    const sketch = new Sketch(1, 8, 8);
    const { descriptor, files } = finished(sketch, build(sketch));
    const module = await WebAssembly.compile(kernels('facenet-simd'));
    await expect(EngineRunner.start(descriptor, files, module)).rejects.toThrow(UnsupportedOperator);
  });
});

test('weights that end early are refused', () => {
  const json = read('dlib-resnet-34/model.json');
  const weights = read('dlib-resnet-34/weights.bin');
  expect(readGraphModel({ json, weights }).constants.size).toBeGreaterThan(0);
  for (const length of [weights.length - 1, weights.length / 2, 0]) {
    const short = weights.slice(0, length);
    expect(() => readGraphModel({ json, weights: short })).toThrow('does not hold what');
  }
});

test('the kernels are chosen by what the machine can run', () => {
  expect(kernelsFile(false)).toBe(runnable.at(-1));
});
