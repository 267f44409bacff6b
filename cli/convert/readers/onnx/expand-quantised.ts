import type { OnnxAttribute, OnnxNode } from './onnx-file.ts';

/** The operators of floats behind quantised ones, and the number of their operands, each with a scale and a zero point. */
const operators: Record<string, readonly [op: string, operands: number]> = {
  QLinearMatMul: ['MatMul', 2],
  QLinearAdd: ['Add', 2],
  QLinearMul: ['Mul', 2],
  QLinearSigmoid: ['Sigmoid', 1],
  QLinearLeakyRelu: ['LeakyRelu', 1],
  QLinearSoftmax: ['Softmax', 1],
  QLinearAveragePool: ['AveragePool', 1],
  QLinearGlobalAveragePool: ['GlobalAveragePool', 1],
};

/**
 * Replaces an operator on quantised tensors, as ONNX Runtime's QOperator format has them (OpenCV Zoo's files of int8), by
 * `DequantizeLinear`, the operator of floats and `QuantizeLinear`. Other nodes are returned as they are.
 */
export function expandQuantised(node: OnnxNode): OnnxNode[] {
  const { op, domain, inputs, outputs, attributes } = node;
  // Tensors in NHWC and factors of the product are refused with the operator's name.
  const isUsual = !attributes.get('channels_last')?.i && (attributes.get('alpha')?.f ?? 1) === 1;
  if (!['', 'ai.onnx', 'com.microsoft'].includes(domain) || (!isUsual && op !== 'QLinearLeakyRelu')) return [node];
  const nodes: OnnxNode[] = [];
  const add = (name: string, from: readonly string[], given: OnnxNode['attributes'] = new Map()): string => {
    const output = `${outputs[0]}/${op}/${nodes.length}`;
    nodes.push({ ...node, op: name, domain: '', inputs: [...from], outputs: [output], attributes: given });
    return output;
  };
  const dequantised = (from: readonly string[], axis = -1) => add('DequantizeLinear', from, axisOf(axis));
  const operand = (at: number, axis?: number) => dequantised(inputs.slice(at, at + 3), axis);
  const quantised = (value: string, [scale = '', zero = '']: readonly string[]): OnnxNode[] => {
    const [last, from] = scale === '' ? ['Identity', [value]] : ['QuantizeLinear', [value, scale, zero]];
    return [...nodes, { ...node, op: last as string, domain: '', inputs: from as string[], attributes: new Map() }];
  };
  if (op === 'QLinearConcat') {
    const operands = inputs.slice(2).flatMap((_, i) => (i % 3 === 0 ? [operand(i + 2)] : []));
    return quantised(add('Concat', operands, attributes), inputs.slice(0, 2));
  }
  if (op === 'QGemm') {
    const factors = [operand(0), operand(3, attributes.get('transB')?.i ? 0 : 1)];
    const [, scale = '', , , matrixScale = '', , bias = ''] = inputs;
    // The summand has the product of both scales.
    if (bias !== '') factors.push(dequantised([bias, add('Mul', [scale, matrixScale])]));
    return quantised(add('Gemm', factors, attributes), inputs.slice(7, 9));
  }
  const found = Object.hasOwn(operators, op) ? operators[op] : undefined;
  if (!found) return [node];
  const [float, count] = found;
  const operands = Array.from({ length: count }, (_, i) => operand(3 * i));
  return quantised(add(float, operands, attributes), inputs.slice(3 * count));
}

function axisOf(i: number): Map<string, OnnxAttribute> {
  return new Map([['axis', { f: 0, i, s: '', t: undefined, floats: [], ints: [] }]]);
}
