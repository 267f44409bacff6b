import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Table } from '../../../../cli/convert/flatbuffer.ts';
import { type Constant, type Operator, Tflite } from '../../../../cli/convert/tflite.ts';
import { seeded as random } from '../../../../lib/core/random.ts';
import type { Manifest, ModelDescriptor } from '../../../../lib/models/manifest.ts';
import { readGraphModel } from '../../../../lib/runtime/graph-model.ts';
import { selfCheckPixels, toInput } from '../../../../lib/runtime/preprocess.ts';
import type { ModelFiles } from '../../../../lib/runtime/runtime.ts';
import type { TensorFlow } from '../../../../lib/runtime/tensorflow/tensorflow.ts';
import { artifactsOf } from '../../../../lib/runtime/tensorflow/tensorflow-runner.ts';

const models = new URL('../../../../public/models/', import.meta.url);
const mediaPipe = new URL('../../../../node_modules/@mediapipe/face_detection/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', models), 'utf8')) as Manifest;
const published = { short: 'face_detection_short_range', full: 'face_detection_full_range_sparse' } as const;
const original = (range: keyof typeof published) => readFileSync(new URL(`${published[range]}.tflite`, mediaPipe));
const enriched = (range: string) =>
  readFileSync(new URL(`mediapipe-blazeface-${range}/blazeface-${range}.tflite`, models));

/** The tensors that operators read and none computes: the network's constants. */
function constantsOf(tflite: Tflite): Map<number, Constant> {
  const computed = new Set([...tflite.inputs, ...tflite.operators.map(({ output }) => output)]);
  const read = new Set(tflite.operators.flatMap(({ inputs }) => inputs).filter((tensor) => !computed.has(tensor)));
  return new Map([...read].map((tensor) => [tensor, tflite.constant(tensor)]));
}

/** The first table of a vector of tables. */
const first = (table: Table | undefined, field: number) => table?.tables(field)[0];

describe.each(['short', 'full'] as const)('the metadata of the %s range', (range) => {
  test('leaves every constant what it was', () => {
    const [before, after] = [constantsOf(new Tflite(original(range))), constantsOf(new Tflite(enriched(range)))];
    expect(before.size).toBeGreaterThan(40);
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [tensor, { shape, values }] of before) {
      expect(after.get(tensor)?.shape).toEqual(shape);
      expect(Buffer.from(after.get(tensor)?.values.buffer as ArrayBuffer).equals(Buffer.from(values.buffer))).toBe(
        true,
      );
    }
  });

  test('keeps every buffer in its place and adds one', () => {
    const buffers = (bytes: Uint8Array) => Table.root(bytes).tables(4);
    const [before, after] = [buffers(original(range)), buffers(enriched(range))];
    expect(after.length).toBe(before.length + 1);
    before.forEach((buffer, i) => {
      expect(Buffer.from(after[i]?.bytes(0) ?? []).equals(Buffer.from(buffer.bytes(0)))).toBe(true);
    });
  });

  test('says a mean and a standard deviation of 127.5 where MediaPipe looks for them', () => {
    const bytes = enriched(range);
    expect(bytes.subarray(4, 8).toString()).toBe('TFL3');
    const root = Table.root(bytes);
    const entry = root.tables(6).at(-1) as Table;
    expect(Buffer.from(entry.bytes(0)).toString()).toBe('TFLITE_METADATA');
    const metadata = (root.tables(4)[entry.int(1)] as Table).bytes(0);
    expect(Buffer.from(metadata.subarray(4, 8)).toString()).toBe('M001');
    const subgraph = first(Table.root(metadata), 3);
    const input = first(subgraph, 2);
    expect(subgraph?.tables(3)).toHaveLength(2);
    // ProcessUnit.options of type NormalizationOptions (1), with one mean and one standard deviation.
    const unit = first(input, 4);
    expect(unit?.byte(0)).toBe(1);
    const normalization = unit?.table(1) as Table;
    for (const field of [0, 1]) {
      const vector = normalization.buffer.__vector(normalization.field(field));
      expect(normalization.buffer.__vector_len(normalization.field(field))).toBe(1);
      expect(normalization.buffer.readFloat32(vector)).toBe(127.5);
    }
  });
});

interface Spec {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: string };
}

/** The weights of a graph model on disk, as the bits that are stored. */
function stored(name: string): Map<string, { spec: Spec; bits: Uint16Array | Uint32Array }> {
  const [{ weights: specs }] = JSON.parse(readFileSync(new URL(`${name}/model.json`, models), 'utf8'))
    .weightsManifest as [{ weights: Spec[] }];
  const bytes = new Uint8Array(readFileSync(new URL(`${name}/weights.bin`, models)));
  let offset = 0;
  const weights = new Map<string, { spec: Spec; bits: Uint16Array | Uint32Array }>();
  for (const spec of specs) {
    const half = spec.quantization?.dtype === 'float16';
    const length = spec.shape.reduce((product, size) => product * size, half ? 2 : 4);
    const { buffer } = bytes.slice(offset, offset + length);
    weights.set(spec.name, { spec, bits: half ? new Uint16Array(buffer) : new Uint32Array(buffer) });
    offset += length;
  }
  expect(offset).toBe(bytes.length);
  return weights;
}

const bitsOf = ({ values }: Constant) => (values instanceof Uint16Array ? values : new Uint32Array(values.buffer));

describe.each(['short', 'full'] as const)('the graph of BlazeFace’s %s range', (range) => {
  const tflite = new Tflite(original(range));
  const weights = stored(`blazeface-${range}`);
  const convolutions = tflite.operators.filter(({ name }) => /CONV_2D$/.test(name));
  const nodeOf = ({ output }: Operator) => {
    if (!tflite.outputs.has(output)) return `t${output}`;
    return tflite.shape(output).at(-1) === 16 ? 'regressors' : 'classificators';
  };

  test('has the filters of the .tflite file, bit by bit, at [height, width, in, out]', () => {
    expect(convolutions.length).toBeGreaterThan(30);
    for (const operator of convolutions) {
      const constant = tflite.constant(operator.inputs[1] as number);
      const bits = bitsOf(constant);
      const filter = weights.get(`${nodeOf(operator)}/filter`);
      const [out = 0, height = 0, width = 0, channels = 0] = constant.shape;
      const depthwise = operator.name === 'DEPTHWISE_CONV_2D';
      expect(filter?.spec.shape).toEqual(depthwise ? [height, width, channels, 1] : [height, width, channels, out]);
      let different = 0;
      for (let o = 0, i = 0; o < out; o++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            for (let c = 0; c < channels; c++, i++) {
              const at = depthwise ? (y * width + x) * channels + c : ((y * width + x) * channels + c) * out + o;
              if (filter?.bits[at] !== bits[i]) different++;
            }
          }
        }
      }
      expect(different, nodeOf(operator)).toBe(0);
    }
  });

  test('has its biases, bit by bit', () => {
    for (const operator of convolutions) {
      const bias = weights.get(`${nodeOf(operator)}/bias`);
      expect([...(bias?.bits ?? [])]).toEqual([...bitsOf(tflite.constant(operator.inputs[2] as number))]);
    }
  });
});

/** Loads a prepared graph model the plainest way. */
function load(name: string) {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(new URL(`${name}/model.json`, models), 'utf8'));
  const specs = weightsManifest[0].weights as tf.io.WeightsManifestEntry[];
  const data = new Uint8Array(readFileSync(new URL(`${name}/weights.bin`, models))).buffer;
  return { modelTopology, specs, data };
}
function run(
  model: Pick<tf.GraphModel, 'execute'>,
  { input, outputs, preprocessing }: ModelDescriptor,
  values: Float32Array,
) {
  const { width, height } = preprocessing;
  return tf.tidy(() => {
    const x = tf.tensor4d(values, [values.length / (width * height * 3), height, width, 3]);
    const answers = [
      model.execute(
        { [input.name]: x },
        outputs.map(({ name }) => name),
      ),
    ].flat();
    return answers.map((answer) => ({ shape: answer.shape, values: answer.dataSync() as Float32Array }));
  });
}
const graphOf = (name: string) => {
  const { modelTopology, specs, data } = load(name);
  return tf.loadGraphModelSync({ modelTopology, weightSpecs: specs, weightData: data });
};
const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);

describe('the prepared networks, in plain JavaScript', () => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend('cpu');
  });
  const onTfjs = manifest.models.filter(({ engine }) => engine === 'tfjs');

  test.each(onTfjs.map((model) => [model.name, model] as const))(
    '%s answers in the shapes it states',
    (name, model) => {
      const answers = run(graphOf(name), model, toInput([selfCheckPixels(model.preprocessing)], model.preprocessing));
      expect(answers.map(({ shape }) => shape)).toEqual(model.outputs.map(({ shape }) => [1, ...shape.slice(1)]));
      for (const { values } of answers) expect(values.every(Number.isFinite)).toBe(true);
    },
  );

  test.each(['blazeface-short', 'face-api-68'])('%s gives each picture of a batch its own answer', (name) => {
    const model = manifest.models.find((candidate) => candidate.name === name) as ModelDescriptor;
    const { width, height } = model.preprocessing;
    const next = random(31);
    const noise = { width, height, data: new Uint8ClampedArray(width * height * 4).map(() => next() * 256) };
    const pictures = [selfCheckPixels(model.preprocessing), noise];
    const graph = graphOf(name);
    const together = run(graph, model, toInput(pictures, model.preprocessing));
    pictures.forEach((picture, i) => {
      run(graph, model, toInput([picture], model.preprocessing)).forEach(({ values }, output) => {
        const both = together[output]?.values as Float32Array;
        expect(largest(values, both.slice(i * values.length, (i + 1) * values.length))).toBeLessThan(1e-4);
      });
    });
  });

  test('expanding the weights beforehand changes no answer of dlib-resnet-34 by more than a rounding', async () => {
    const model = manifest.models.find(({ name }) => name === 'dlib-resnet-34') as ModelDescriptor;
    const input = toInput([selfCheckPixels(model.preprocessing)], model.preprocessing);
    const [plain] = run(graphOf(model.name), model, input);
    const [json, weights] = model.files.map(({ path }) => new Uint8Array(readFileSync(new URL(path, models))));
    const multiplications = load(model.name).modelTopology.node.filter(({ op }: { op: string }) => op === 'Mul');
    expect(multiplications.length).toBeGreaterThan(25);
    const graph = readGraphModel({ json, weights } as ModelFiles);
    expect(graph.nodes.filter(({ op }) => op === 'Mul')).toEqual([]);
    const artifacts = artifactsOf(tf as unknown as TensorFlow, graph);
    const [expanded] = run(tf.loadGraphModelSync(artifacts), model, input);
    expect(plain?.values).toHaveLength(128);
    expect(largest(plain?.values as Float32Array, expanded?.values as Float32Array)).toBeLessThan(1e-5);
  });
});
