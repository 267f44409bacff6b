import { damaged, unsupportedFile } from '../../errors.ts';
import type { CaffeWeights } from './caffemodel.ts';
import type { TextMessage } from './prototxt.ts';

/** The longest side of an input, which bounds the memory that a description can ask for. */
const maxSide = 1024;
const maxLayers = 1000;

/** A layer of a description with its weights. */
export interface CaffeLayer {
  name: string;
  type: string;
  /** The names of its inputs. */
  bottoms: string[];
  /** The name of its output. */
  top: string;
  /** The layer's message, with the parameters of its type. */
  message: TextMessage;
  blobs: readonly Float32Array[];
}

/** A network: its input of three channels, and its layers in the order of the description. */
export interface CaffeNetwork {
  input: { name: string; width: number; height: number };
  layers: CaffeLayer[];
}

/**
 * Joins a description with the weights of its layers, by their names.
 *
 * @throws {FaceNetError} `model-file-damaged` or `model-file-unsupported`.
 */
export function networkOf(description: TextMessage, weights: CaffeWeights): CaffeNetwork {
  description.allow(['name', 'input', 'input_shape', 'input_dim', 'layer']);
  const messages = description.messages('layer');
  if (messages.length === 0 || messages.length > maxLayers) {
    throw damaged(`The .prototxt has ${messages.length} layers instead of 1 to ${maxLayers}`);
  }
  const inputLayer = messages.find((message) => message.text('type') === 'Input');
  const layers = messages
    .filter((message) => message !== inputLayer)
    .map((message): CaffeLayer => {
      const [name, type] = [message.text('name'), message.text('type')];
      const [top = '', second] = message.texts('top');
      if (!name || !top || second !== undefined) throw damaged(`The layer "${name}" needs a name and one top`);
      return { name, type, bottoms: message.texts('bottom'), top, message, blobs: weights.get(name) ?? [] };
    });
  if (new Set(layers.map(({ name }) => name)).size < layers.length) throw damaged('Two layers have the same name');
  const shape = inputLayer
    ? inputLayer.message('input_param').message('shape').numbers('dim')
    : [...description.message('input_shape').numbers('dim'), ...description.numbers('input_dim')];
  const name = inputLayer ? inputLayer.text('top') : description.text('input');
  return { input: { name, ...sizeOf(shape) }, layers };
}

function sizeOf(shape: readonly number[]): { width: number; height: number } {
  const [, channels, height = 0, width = 0] = shape;
  const isSide = (side: number) => Number.isInteger(side) && side > 0 && side <= maxSide;
  if (shape.length === 4 && channels === 3 && isSide(width) && isSide(height)) return { width, height };
  throw unsupportedFile(
    `The .prototxt has an input of [${shape}]: use a network for an image of three channels with sides up to ${maxSide}.`,
  );
}
