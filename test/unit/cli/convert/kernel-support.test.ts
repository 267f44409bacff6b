import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../../cli/convert/graph/graph-builder.ts';
import { graphModelFiles } from '../../../../cli/convert/graph/graph-model.ts';
import { kernelGaps } from '../../../../cli/convert/kernel-support.ts';
import type { ModelDescriptor } from '../../../../lib/models/manifest.ts';

/** A descriptor with the fields that the kernels need. */
const descriptor = (output: string, size = 8) =>
  ({
    input: { name: 'image' },
    outputs: [{ name: output }],
    preprocessing: { width: size, height: size },
  }) as unknown as ModelDescriptor;

describe('kernelGaps', () => {
  test('is empty for a network that the kernels run', () => {
    const graph = new GraphBuilder();
    const output = graph.op('out', 'Relu', [graph.input('image', [-1, 8, 8, 3])]);
    expect(kernelGaps(descriptor(output), graphModelFiles(graph.build()))).toEqual([]);
  });

  test('names each operator that the kernels lack, with the number of nodes', () => {
    const graph = new GraphBuilder();
    const image = graph.input('image', [-1, 8, 8, 3]);
    const first = graph.op('a', 'Selu', [graph.op('b', 'Atan', [image])]);
    const output = graph.op('out', 'AddV2', [first, graph.op('c', 'Selu', [image])]);
    expect(kernelGaps(descriptor(output), graphModelFiles(graph.build()))).toEqual([
      'Atan is not implemented (1 node)',
      'Selu is not implemented (2 nodes)',
    ]);
  });

  test('reports that the size of the images differs', () => {
    const graph = new GraphBuilder();
    const output = graph.op('out', 'Relu', [graph.input('image', [-1, 8, 8, 3])]);
    const [gap] = kernelGaps(descriptor(output, 9), graphModelFiles(graph.build()));
    expect(gap).toContain('8×8');
  });
});
