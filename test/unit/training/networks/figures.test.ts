import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { architectures } from '../../../../lib/training/networks/architectures/architectures.ts';
import type { Architecture, Shape } from '../../../../lib/training/networks/description.ts';
import { convolution, fullyConnected, pooling } from '../../../../lib/training/networks/description.ts';
import { figuresOf } from '../../../../lib/training/networks/figures.ts';
import { operationsOf } from '../../../../lib/training/networks/operations.ts';
import { architectureTable } from '../../../../scripts/architectures/table.ts';

const { nn1, nn2, nn4, nns1, nns2, inceptionResNetV1 } = architectures;

/** A row of the paper's tables: output, parameters and FLOPs as printed. */
type Printed = readonly [output: string, parameters: string, flops: string];

/** Table 1 (arXiv 1503.03832). */
const table1: Record<string, Printed> = {
  conv1: ['110×110×64', '9K', '115M'],
  pool1: ['55×55×64', '0', ''],
  rnorm1: ['55×55×64', '0', ''],
  conv2a: ['55×55×64', '4K', '13M'],
  conv2: ['55×55×192', '111K', '335M'],
  rnorm2: ['55×55×192', '0', ''],
  pool2: ['28×28×192', '0', ''],
  conv3a: ['28×28×192', '37K', '29M'],
  conv3: ['28×28×384', '664K', '521M'],
  pool3: ['14×14×384', '0', ''],
  conv4a: ['14×14×384', '148K', '29M'],
  conv4: ['14×14×256', '885K', '173M'],
  conv5a: ['14×14×256', '66K', '13M'],
  conv5: ['14×14×256', '590K', '116M'],
  conv6a: ['14×14×256', '66K', '13M'],
  conv6: ['14×14×256', '590K', '116M'],
  pool4: ['7×7×256', '0', ''],
  // Printed as 7×7×256, 1×32×128 and 1×1×128.
  concat: ['12544', '0', ''],
  fc1: ['4096', '103M', '103M'],
  fc2: ['4096', '34M', '34M'],
  fc7128: ['128', '524K', '0.5M'],
  L2: ['128', '0', ''],
};

/** Table 2. */
const table2: Record<string, Printed> = {
  conv1: ['112×112×64', '9K', '119M'],
  'max pool + norm': ['56×56×64', '', ''],
  'inception (2)': ['56×56×192', '115K', '360M'],
  'norm + max pool': ['28×28×192', '', ''],
  'inception (3a)': ['28×28×256', '164K', '128M'],
  'inception (3b)': ['28×28×320', '228K', '179M'],
  'inception (3c)': ['14×14×640', '398K', '108M'],
  'inception (4a)': ['14×14×640', '545K', '107M'],
  'inception (4b)': ['14×14×640', '595K', '117M'],
  'inception (4c)': ['14×14×640', '654K', '128M'],
  'inception (4d)': ['14×14×640', '722K', '142M'],
  'inception (4e)': ['7×7×1024', '717K', '56M'],
  'inception (5a)': ['7×7×1024', '1.6M', '78M'],
  'inception (5b)': ['7×7×1024', '1.6M', '78M'],
  // Printed as 1×1×1024.
  'avg pool': ['1024', '', ''],
  'fully conn': ['128', '131K', '0.1M'],
  'L2 normalization': ['128', '', ''],
};

/** A printed number, and half a unit of its last digit. */
function read(printed: string): { value: number; half: number } {
  const [, digits = '0', unit = ''] = printed.match(/^([\d.]+)([KM]?)$/) ?? [];
  const scale = { K: 1e3, M: 1e6 }[unit] ?? 1;
  return { value: Number(digits) * scale, half: (digits.includes('.') ? 0.05 : 0.5) * scale };
}

const agrees = (figure: number, printed: string) => Math.abs(figure - read(printed).value) <= read(printed).half;

/** What a bias per filter adds to each row: parameters, and additions for one image. */
function biases(architecture: Architecture): Map<string, { parameters: number; additions: number }> {
  const rows = new Map<string, { parameters: number; additions: number }>();
  for (const { row, weights, output } of operationsOf(architecture)) {
    const filters = weights.find(({ role }) => role === 'weights')?.shape.at(-1) ?? 0;
    const positions = output.length === 3 ? output[0] * output[1] : 1;
    const before = rows.get(row) ?? { parameters: 0, additions: 0 };
    rows.set(row, {
      parameters: before.parameters + filters,
      additions: before.additions + filters * positions,
    });
  }
  return rows;
}

const written = (shape: Shape) => shape.join('×');

describe.each([
  ['NN1, table 1', nn1, table1],
  ['NN2, table 2', nn2, table2],
] as const)('%s of the paper', (_, architecture, table) => {
  const { layers } = figuresOf(architecture);

  test('has the layers of the table, in order, with their output sizes', () => {
    expect(layers.map(({ layer, output }) => [layer, written(output)])).toEqual(
      Object.entries(table).map(([layer, [output]]) => [layer, output]),
    );
  });

  test.each(Object.entries(table))(
    '%s has the printed figures, apart from the biases that the table includes',
    (row, printed) => {
      const { parameters, multiplyAdds } = layers.find(({ layer }) => layer === row) ?? {
        parameters: 0,
        multiplyAdds: 0,
      };
      const bias = biases(architecture).get(row) ?? { parameters: 0, additions: 0 };
      const [, printedParameters, printedFlops] = printed;
      // The tables include a bias per filter in the parameters and in the FLOPs. With biases, all figures but one match to the last
      // printed digit: 4a has 544,768 parameters without and 545,536 with biases, which would be printed as 546K.
      const counted = row === 'inception (4a)' ? parameters : parameters + bias.parameters;
      expect(agrees(counted, printedParameters), `${counted} parameters, printed ${printedParameters}`).toBe(true);
      const operations = multiplyAdds + bias.additions;
      expect(agrees(operations, printedFlops), `${operations} FLOPs, printed ${printedFlops}`).toBe(true);
      // Without biases, no figure differs by more than one unit in the last printed digit, or 1.1 %.
      const near = (figure: number, text: string) =>
        Math.abs(figure - read(text).value) <= Math.max(3 * read(text).half, 0.011 * read(text).value);
      expect(near(parameters, printedParameters) && near(multiplyAdds, printedFlops)).toBe(true);
    },
  );
});

describe('totals', () => {
  test.each([
    ['nn1', 140_006_592, 1_605_944_064],
    ['nn2', 7_448_256, 1_596_530_688],
    ['nn3', 7_448_256, 814_620_672],
    ['nn4', 6_600_384, 284_741_632],
    ['nns1', 25_841_600, 219_653_184],
    ['nns2', 4_260_400, 19_766_848],
    ['inceptionResNetV1', 23_467_824, 1_417_662_304],
  ] as const)('for %s are %s parameters and %s multiply-adds', (name, parameters, multiplyAdds) => {
    expect(figuresOf(architectures[name])).toMatchObject({ parameters, multiplyAdds });
  });

  test('match the totals printed in the paper', () => {
    const printed = (architecture: Architecture) => {
      const { parameters, multiplyAdds } = figuresOf(architecture);
      return [(parameters / 1e6).toFixed(1), (multiplyAdds / 1e9).toFixed(1)];
    };
    expect(printed(nn1)).toEqual(['140.0', '1.6']);
    // The paper prints 7.5 M, the sum of its printed rows. The exact sums are lower, with and without biases.
    const rows = Object.values(table2).reduce((sum, [, parameters]) => sum + read(parameters || '0').value, 0);
    expect((rows / 1e6).toFixed(1)).toBe('7.5');
    const withBiases = [...biases(nn2).values()].reduce((sum, row) => sum + row.parameters, 7_448_256);
    expect(withBiases).toBe(7_456_304);
    expect(printed(nn2)).toEqual(['7.4', '1.6']);
    expect(Math.round(figuresOf(nn4).multiplyAdds / 1e6)).toBe(285);
  });

  test('exceed the 285 million multiply-adds of NN4, for NN2 at 96 pixels with all 5×5 branches', () => {
    expect(Math.round(figuresOf({ ...nn2, input: [96, 96, 3] }).multiplyAdds / 1e6)).toBe(293);
  });

  test.each([
    [nns1, 26e6, 220e6],
    [nns2, 4.3e6, 20e6],
  ])(
    'for $name are within the paper’s budget, and above 98 %% of it',
    (architecture, maxParameters, maxMultiplyAdds) => {
      const { parameters, multiplyAdds } = figuresOf(architecture);
      expect(parameters).toBeLessThanOrEqual(maxParameters);
      expect(parameters).toBeGreaterThan(0.98 * maxParameters);
      expect(multiplyAdds).toBeLessThanOrEqual(maxMultiplyAdds);
      expect(multiplyAdds).toBeGreaterThan(0.98 * maxMultiplyAdds);
      expect(architecture.source).toContain('our own');
    },
  );

  test('match Open Model Zoo’s figures for Inception-ResNet v1, 23.469 M and 2.846 GFLOP', () => {
    // Open Model Zoo counts two FLOPs per multiply-add, and also biases, ReLU and pooling.
    // (docs.openvino.ai, omz_models_model_facenet_20180408_102900)
    const { parameters, multiplyAdds, layers } = figuresOf(inceptionResNetV1);
    expect(parameters / 23.469e6).toBeCloseTo(1, 3);
    expect((2 * multiplyAdds) / 2.846e9).toBeCloseTo(1, 1);
    const at = (row: string) => written(layers.find(({ layer }) => layer === row)?.output ?? [0]);
    // For an input of 160 pixels. The comments in the upstream source are for 299.
    expect(at('Repeat/block35_5')).toBe('17×17×256');
    expect(at('Repeat_1/block17_10')).toBe('8×8×896');
    expect(at('Block8')).toBe('3×3×1792');
  });
});

test('docs/training.md contains the computed table', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/training.md'), 'utf8');
  expect(text, 'run npm run architectures').toContain(
    `<!-- architectures -->\n${architectureTable()}<!-- /architectures -->`,
  );
});

describe('a description with layers that do not fit', () => {
  const of = (...layers: Architecture['layers']): Architecture => ({ name: 'x', source: '', input: [8, 8, 3], layers });
  test.each([
    ['a convolution after a vector', of({ kind: 'flattening', name: 'f' }, convolution('late', 4, 3)), 'late'],
    ['a fully connected layer after an image', of(fullyConnected('early', 4)), 'early'],
    ['a window that is too large', of(convolution('wide', 4, 9, { padding: 'valid' })), 'wide'],
    ['two weights of one name', of(convolution('twin', 4, 3), convolution('twin', 4, 3)), 'one name'],
    [
      'branches of different sizes',
      of({ kind: 'block', name: 'fork', branches: [[convolution('a', 4, 3)], [pooling('b', 'max', 2)]] }),
      'fork',
    ],
    [
      'a residual of other channels',
      of({ kind: 'residual', name: 'sum', scale: 1, layers: [convolution('a', 4, 3)], activation: 'relu' }),
      'sum',
    ],
  ])('is rejected with the name of the layer: %s', (_, architecture, layer) => {
    expect(() => figuresOf(architecture)).toThrow(
      expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining(layer) }),
    );
  });
});
