import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Table } from '../../../../cli/convert/readers/tflite/flatbuffer-table.ts';
import { type Constant, type Operator, TfliteFile } from '../../../../cli/convert/readers/tflite/tflite-file.ts';

const models = new URL('../../../../public/models/', import.meta.url);
const mediaPipe = new URL('../../../../node_modules/@mediapipe/face_detection/', import.meta.url);
const published = { short: 'face_detection_short_range', full: 'face_detection_full_range_sparse' } as const;
const original = (range: keyof typeof published) => readFileSync(new URL(`${published[range]}.tflite`, mediaPipe));
const enriched = (range: string) =>
  readFileSync(new URL(`mediapipe-blazeface-${range}/blazeface-${range}.tflite`, models));

/** The constants that the operators read. */
function constantsOf(tflite: TfliteFile): Map<number, Constant> {
  const computed = new Set([...tflite.inputs, ...tflite.operators.map(({ output }) => output)]);
  const read = new Set(tflite.operators.flatMap(({ inputs }) => inputs).filter((tensor) => !computed.has(tensor)));
  return new Map([...read].map((tensor) => [tensor, tflite.constant(tensor)]));
}

/** The first table of a vector of tables. */
const first = (table: Table | undefined, field: number) => table?.tables(field)[0];

describe.each(['short', 'full'] as const)('the metadata of the %s range', (range) => {
  test('does not change any constant', () => {
    const [before, after] = [
      constantsOf(new TfliteFile(original(range))),
      constantsOf(new TfliteFile(enriched(range))),
    ];
    expect(before.size).toBeGreaterThan(40);
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [tensor, { shape, values }] of before) {
      expect(after.get(tensor)?.shape).toEqual(shape);
      expect(Buffer.from(after.get(tensor)?.values.buffer as ArrayBuffer).equals(Buffer.from(values.buffer))).toBe(
        true,
      );
    }
  });

  test('keeps all buffers in order and adds one', () => {
    const buffers = (bytes: Uint8Array) => Table.root(bytes).tables(4);
    const [before, after] = [buffers(original(range)), buffers(enriched(range))];
    expect(after.length).toBe(before.length + 1);
    before.forEach((buffer, i) => {
      expect(Buffer.from(after[i]?.bytes(0) ?? []).equals(Buffer.from(buffer.bytes(0)))).toBe(true);
    });
  });

  test('states a mean and a standard deviation of 127.5 where MediaPipe reads them', () => {
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

/** The bits of the weights of a graph model on disk. */
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
  const tflite = new TfliteFile(original(range));
  const weights = stored(`blazeface-${range}`);
  const convolutions = tflite.operators.filter(({ name }) => /CONV_2D$/.test(name));
  const nodeOf = ({ output }: Operator) => {
    if (!tflite.outputs.has(output)) return `t${output}`;
    return tflite.shape(output).at(-1) === 16 ? 'regressors' : 'classificators';
  };

  test('has the filters of the .tflite file, bit for bit, as [height, width, in, out]', () => {
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

  test('has the biases of the .tflite file, bit for bit', () => {
    for (const operator of convolutions) {
      const bias = weights.get(`${nodeOf(operator)}/bias`);
      expect([...(bias?.bits ?? [])]).toEqual([...bitsOf(tflite.constant(operator.inputs[2] as number))]);
    }
  });
});
