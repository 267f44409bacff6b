import { depthwiseFilter, outputsLast } from './layouts.ts';
import type { OperatorContext } from './operator-context.ts';
import { paddings } from './schema.ts';
import type { Operator, TfliteFile } from './tflite-file.ts';

/** The fields of Conv2DOptions and DepthwiseConv2DOptions, by number. */
const fields = {
  standard: { activation: 3, dilations: [4, 5] },
  depthwise: { activation: 4, dilations: [5, 6] },
} as const;

/** Converts a convolution, with the padding before it and the ReLU after it if they can be fused. */
export function convertConvolution(context: OperatorContext, kind: 'standard' | 'depthwise'): string {
  const { graph, file, operator, name } = context;
  const { options, inputs } = operator;
  const depthwise = kind === 'depthwise';
  const { activation: activationField, dilations } = fields[kind];
  if (dilations.some((field) => options.int(field) > 1)) throw context.unsupported('dilation');
  const activation =
    context.activation(options.byte(activationField)) ?? (fusedRelu(operator, file) && ('Relu' as const));
  const padding = file.producer(inputs[0] as number);
  // Damaged files can state any number of output channels. The filter's values are in the file.
  const [out, , , last] = context.inputShape(1) as [number, number, number, number];
  const filters = depthwise ? last : out;
  return graph.convolution(
    name,
    context.input(),
    context.constant(
      1,
      'filter',
      depthwise ? (stored) => depthwiseFilter(stored, context.inputShape().at(-1) as number) : outputsLast,
    ),
    context.hasInput(2)
      ? context.constant(2, 'bias')
      : graph.floats(`${name}/bias`, [filters], new Float32Array(filters)),
    {
      depthwise,
      stride: context.squareOption('stride', 1, 2),
      padding: padding && isAbsorbedPadding(padding, file) ? 'SAME' : (paddings[options.byte(0)] as 'SAME' | 'VALID'),
      ...(activation && { activation }),
    },
  );
}

/** Converts a padding, unless the convolution after it absorbs it. */
export function convertPadding(context: OperatorContext): string {
  if (isAbsorbedPadding(context.operator, context.file)) return context.input();
  return context.graph.op(context.name, 'Pad', [context.input(), context.constant(1, 'paddings')]);
}

/** Converts a ReLU, unless it is fused with the convolution before it. */
export function convertRelu(context: OperatorContext): string {
  const { graph, file, operator, name } = context;
  const producer = file.producer(operator.inputs[0] as number);
  if (producer && fusedRelu(producer, file) === operator) return context.input();
  return graph.op(name, 'Relu', [context.input()]);
}

/** The ReLU that is the only consumer of a convolution. */
function fusedRelu(producer: Operator, file: TfliteFile): Operator | undefined {
  const consumer = onlyConsumer(producer, file);
  return consumer?.name === 'RELU' && isConvolution(producer) ? consumer : undefined;
}

/** Whether a padding of one pixel on each side precedes a 3×3 convolution of stride 1, which `SAME` padding replaces. */
function isAbsorbedPadding(operator: Operator, file: TfliteFile): boolean {
  const consumer = onlyConsumer(operator, file);
  if (operator.name !== 'PAD' || !consumer || !isConvolution(consumer)) return false;
  const { values } = file.constant(operator.inputs[1] as number);
  const pads = values.subarray(0, 9).join();
  const [, height, width] = file.shape(consumer.inputs[1] as number);
  return pads === '0,0,1,1,1,1,0,0' && height === 3 && width === 3 && consumer.options.int(1) === 1;
}

function isConvolution({ name }: Operator): boolean {
  return name === 'CONV_2D' || name === 'DEPTHWISE_CONV_2D';
}

function onlyConsumer({ output }: Operator, file: TfliteFile): Operator | undefined {
  const consumers = file.consumers(output);
  return consumers.length === 1 ? consumers[0] : undefined;
}
