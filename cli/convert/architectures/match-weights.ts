import type { Architecture } from '../../../lib/training/networks/description.ts';
import { operationsOf } from '../../../lib/training/networks/operations.ts';
import { weightMismatches } from '../../../lib/training/networks/weights.ts';
import type { StoredTensor, WeightFile } from './weight-file.ts';

/**
 * Renames the weights of a file to those of an architecture.
 *
 * @throws {Error} that lists the missing, surplus and misshapen tensors by their names in the file.
 */
export function matchWeights(architecture: Architecture, { tensors, namesOf }: WeightFile): Map<string, StoredTensor> {
  const specs = operationsOf(architecture).flatMap(({ weights }) => weights);
  const fileNames = new Map(
    specs.map(({ name }) => {
      const candidates = namesOf(name);
      return [name, candidates.find((candidate) => tensors.has(candidate)) ?? candidates[0]];
    }),
  );
  const wanted = new Map(specs.map((spec) => [fileNames.get(spec.name) as string, shapeText(spec)]));
  const given = new Map([...tensors].map(([name, tensor]) => [name, shapeText(tensor)]));
  const mismatches = weightMismatches(wanted, given);
  if (mismatches.length > 0) {
    const lists = mismatches.map(
      ([kind, names]) => `${kind} (${names.length}):\n${names.map((name) => `  ${name}\n`).join('')}`,
    );
    throw new Error(`Its tensors are not those of ${architecture.name}.\n${lists.join('')}`.trimEnd());
  }
  return new Map([...fileNames].map(([name, fileName]) => [name, tensors.get(fileName) as StoredTensor]));
}

function shapeText({ shape }: { shape: readonly number[] }): string {
  return shape.join('×') || 'scalar';
}
