import type { ModelDescriptor } from '../../../models/manifest.ts';
import { readGraphModel } from '../../graph-model.ts';
import type { ModelFiles } from '../../runtime.ts';
import { lower } from './lower.ts';
import { UnsupportedOperatorError } from './node-attributes.ts';
import type { Program } from './program.ts';

/**
 * Lowers the graph model of a descriptor.
 *
 * @throws {UnsupportedOperatorError} when the kernels lack an operator of the network.
 */
export function lowerModel(
  { input, outputs, preprocessing }: Pick<ModelDescriptor, 'input' | 'outputs' | 'preprocessing'>,
  files: ModelFiles,
): Program {
  const names = outputs.map(({ name }) => name);
  const program = lower(readGraphModel(files), input.name, names);
  const graphInput = sizeText(program.input);
  const image = sizeText(preprocessing);
  if (graphInput !== image) {
    throw new UnsupportedOperatorError(`the graph takes ${graphInput} pixels, but its preprocessing gives ${image}`);
  }
  return program;
}

function sizeText({ width, height }: { width: number; height: number }): string {
  return `${width}×${height}`;
}
