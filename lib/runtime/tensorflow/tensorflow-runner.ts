import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { io } from '@tensorflow/tfjs-core';
import type { ModelDescriptor } from '../../models/manifest.ts';
import { type GraphModel as Graph, readGraphModel } from '../graph-model.ts';
import { type NetworkImage, toInput } from '../preprocess.ts';
import type { GraphRunner, ModelFiles } from '../runtime.ts';
import { onBackend, type TensorFlow } from './tensorflow.ts';

/** Amortises the overhead of a call, and bounds the memory that a photo with many faces needs. */
const maxBatchSize = 16;

/** Runs a graph model on a backend of TensorFlow.js. Tensors do not leave this file. */
export class TensorFlowRunner implements GraphRunner {
  readonly maxBatchSize = maxBatchSize;
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

  /**
   * Loads a model.
   *
   * @param backend a backend that is started.
   */
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

  async run(images: readonly NetworkImage[]): Promise<Float32Array[]> {
    const { preprocessing, input, outputs } = this.#descriptor;
    const { width, height } = preprocessing;
    const values = toInput(images, preprocessing);
    const names = outputs.map(({ name }) => name);
    const tensors = await onBackend(this.#tf, this.#backend, () =>
      this.#tf.tidy(() => {
        const tensor = this.#tf.tensor4d(values, [images.length, height, width, 3]);
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

/** Converts a graph model to the artifacts that `tf.loadGraphModelSync` takes. */
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
