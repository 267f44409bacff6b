import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { io } from '@tensorflow/tfjs-core';
import type { Pixels } from '../../core/types.ts';
import type { ModelDescriptor } from '../../models/manifest.ts';
import { type GraphModel as Graph, readGraphModel } from '../graph-model.ts';
import { toInput } from '../preprocess.ts';
import type { GraphRunner, ModelFiles } from '../runtime.ts';
import { onBackend, type TensorFlow } from './tensorflow.ts';

/**
 * The most pictures that go through a network at once: enough to spread the cost of a call, few enough that a photo of a
 * whole school class needs no more memory than a small group.
 */
const largestBatch = 16;

/** A graph model that runs on a backend of TensorFlow.js; no tensor leaves this file. */
export class TensorFlowRunner implements GraphRunner {
  readonly largestBatch = largestBatch;
  readonly #tf: TensorFlow;
  readonly #backend: string;
  readonly #descriptor: ModelDescriptor;
  readonly #graph: GraphModel<never>;

  private constructor(tf: TensorFlow, backend: string, descriptor: ModelDescriptor, graph: GraphModel<never>) {
    this.#tf = tf;
    this.#backend = backend;
    this.#descriptor = descriptor;
    this.#graph = graph;
  }

  /** @param backend one that was started. */
  static async start(
    tf: TensorFlow,
    backend: string,
    descriptor: ModelDescriptor,
    files: ModelFiles,
  ): Promise<TensorFlowRunner> {
    const artifacts = artifactsOf(tf, readGraphModel(files));
    const graph = await onBackend(tf, backend, () => tf.loadGraphModelSync(artifacts));
    return new TensorFlowRunner(tf, backend, descriptor, graph as unknown as GraphModel<never>);
  }

  async run(pictures: readonly Pixels[]): Promise<Float32Array[]> {
    const { preprocessing, input, outputs } = this.#descriptor;
    const { width, height } = preprocessing;
    const values = toInput(pictures, preprocessing);
    const names = outputs.map(({ name }) => name);
    const tensors = await onBackend(this.#tf, this.#backend, () =>
      this.#tf.tidy(() => {
        const tensor = this.#tf.tensor4d(values, [pictures.length, height, width, 3]);
        return [this.#graph.execute({ [input.name]: tensor }, names)].flat();
      }),
    );
    try {
      return await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }

  dispose(): void {
    this.#graph.dispose();
  }
}

/** A graph model in the form in which TensorFlow.js loads one. */
export function artifactsOf(tf: TensorFlow, { nodes, constants, versions }: Graph): io.ModelArtifacts {
  const weights = [...constants].map(([name, { shape, dtype, values }]) => ({ spec: { name, shape, dtype }, values }));
  const dtypes = { float32: 'DT_FLOAT', int32: 'DT_INT32' };
  const constantNodes = weights.map(({ spec }) => ({
    name: spec.name,
    op: 'Const',
    attr: { dtype: { type: dtypes[spec.dtype] } },
  }));
  return {
    modelTopology: { versions, node: [...constantNodes, ...nodes] },
    weightSpecs: weights.map(({ spec }) => spec),
    weightData: tf.io.concatenateArrayBuffers(weights.map(({ values }) => values.buffer as ArrayBuffer)),
  };
}
