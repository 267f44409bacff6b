import { expect, test } from 'vitest';
import { readGraphModel } from '../../../../../lib/runtime/graph-model.ts';
import { KernelRunner } from '../../../../../lib/runtime/kernels/kernel-runner.ts';
import { lower } from '../../../../../lib/runtime/kernels/lowering/lower.ts';
import { UnsupportedOperatorError } from '../../../../../lib/runtime/kernels/lowering/node-attributes.ts';
import { compileKernels } from '../support/kernel-files.ts';
import { base64, RandomGraph } from '../support/random-graph.ts';

test.each([
  ['an unknown operator', ({ builder }: RandomGraph) => builder.op('out', 'Selu', ['image'])],
  [
    'an operator named like a property of Object',
    ({ builder }: RandomGraph) => builder.op('out', 'toString', ['image']),
  ],
  [
    'a dilated convolution',
    (graph: RandomGraph) =>
      graph.builder.op('out', 'Conv2D', ['image', graph.weights(3, 3, 3, 4)], {
        strides: { list: { i: ['1', '1', '1', '1'] } },
        dilations: { list: { i: ['1', '2', '2', '1'] } },
        padding: base64('SAME'),
        data_format: base64('NHWC'),
      }),
  ],
])('rejects %s with UnsupportedOperatorError', async (_, build) => {
  const graph = new RandomGraph(1, 8, 8);
  const { descriptor, files } = graph.model(build(graph));
  const module = await compileKernels('facenet-simd');
  await expect(KernelRunner.start(descriptor, files, module)).rejects.toThrow(UnsupportedOperatorError);
});

test('names all operators that the kernels lack, also those that depend on another one', () => {
  const graph = new RandomGraph(1, 8, 8);
  const { builder } = graph;
  const first = builder.op('first', 'Atan', ['image']);
  const later = builder.op('later', 'Selu', [builder.op('between', 'Relu', [first])]);
  const summed = builder.op('wrong', 'Mean', ['image', builder.integers('axes', [1], [0])]);
  const output = builder.op('out', 'Cumsum', [builder.op('sum', 'AddV2', [later, summed])]);
  const { files } = graph.model(output);
  const problems = () => {
    try {
      lower(readGraphModel(files), 'image', [output]);
      return [];
    } catch (error) {
      return (error as UnsupportedOperatorError).operators.map(({ op, name }) => `${op} ${name}`);
    }
  };
  expect(problems()).toEqual(['Atan first', 'Selu later', 'Mean wrong', 'Cumsum out']);
});
