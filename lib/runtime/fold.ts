import type { io } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './tensorflow.ts';

interface GraphNode {
  name: string;
  op: string;
  input?: string[];
}

/**
 * Expands a graph model's weights and computes once what would be computed anew for every picture: a `Mul` of two
 * weights, which is how a model keeps its filters as uint8 and their batch normalisation as one float per channel.
 *
 * @param topology the GraphDef, as JSON; it is changed.
 * @returns the artifacts that TensorFlow.js loads, with float weights only.
 */
export async function expandWeights(
  tf: TensorFlow,
  topology: { node: GraphNode[] },
  specs: io.WeightsManifestEntry[],
  data: ArrayBuffer,
): Promise<io.ModelArtifacts> {
  const weights = new Map<string, { spec: io.WeightsManifestEntry; values: Float32Array | Int32Array }>();
  const decoded = tf.io.decodeWeights(data, specs);
  for (const { name, shape, dtype } of specs) {
    const tensor = decoded[name] as NonNullable<(typeof decoded)[string]>;
    weights.set(name, { spec: { name, shape, dtype }, values: (await tensor.data()) as Float32Array | Int32Array });
    tensor.dispose();
  }
  for (const node of topology.node) {
    const [left, right] = (node.input ?? []).map((name) => weights.get(name));
    if (node.op !== 'Mul' || !left || !right || left.spec.shape.at(-1) !== right.values.length) continue;
    weights.set(node.name, {
      spec: { name: node.name, shape: left.spec.shape, dtype: 'float32' },
      values: scaleLastAxis(left.values, right.values),
    });
    node.op = 'Const';
    node.input = [];
  }
  const used = new Set(topology.node.flatMap(({ input = [] }) => input.map((name) => name.replace(/^\^|:\d+$/g, ''))));
  for (const name of weights.keys()) if (!used.has(name)) weights.delete(name);
  const kept = [...weights.values()];
  return {
    modelTopology: { ...topology, node: topology.node.filter(({ op, name }) => op !== 'Const' || weights.has(name)) },
    weightSpecs: kept.map(({ spec }) => spec),
    weightData: tf.io.concatenateArrayBuffers(kept.map(({ values }) => values.buffer as ArrayBuffer)),
  };
}

/** The product of a tensor with a vector along its last axis. */
function scaleLastAxis(values: Float32Array | Int32Array, scale: Float32Array | Int32Array): Float32Array {
  const product = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) product[i] = (values[i] as number) * (scale[i % scale.length] as number);
  return product;
}
