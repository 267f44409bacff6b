import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { lowerModel } from '../../lib/runtime/kernels/lowering/lower-model.ts';
import { UnsupportedOperatorError } from '../../lib/runtime/kernels/lowering/node-attributes.ts';

/**
 * The reasons why the kernels of facenet-web cannot run a network, which then runs on TensorFlow.js. Each names an operator and the number
 * of nodes.
 *
 * @param files `model.json`, then its weight file.
 * @returns an empty list for a network that the kernels run.
 */
export function kernelGaps(descriptor: ModelDescriptor, files: readonly { bytes: Uint8Array }[]): string[] {
  const [json = new Uint8Array(), weights = new Uint8Array()] = files.map(({ bytes }) => new Uint8Array(bytes));
  try {
    lowerModel(descriptor, { json, weights });
    return [];
  } catch (error) {
    if (!(error instanceof UnsupportedOperatorError)) throw error;
    return error.operators.length > 0 ? counted(error) : [error.message];
  }
}

function counted({ operators }: UnsupportedOperatorError): string[] {
  const counts = new Map<string, number>();
  for (const { op, problem } of operators) {
    const gap = `${op} ${problem}`;
    counts.set(gap, (counts.get(gap) ?? 0) + 1);
  }
  return [...counts].map(([gap, count]) => `${gap} (${count} ${count === 1 ? 'node' : 'nodes'})`);
}
