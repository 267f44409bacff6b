import { readFileSync } from 'node:fs';
import { readModel } from '../../cli/convert/read-model.ts';
import { type Architecture, convolution, fullyConnected } from '../../lib/training/networks/description.ts';
import { operationsOf } from '../../lib/training/networks/operations.ts';
import { GraphDef } from '../../test/support/published/graph-def.ts';
import { readManifest } from '../kit/manifest.ts';
import { repositoryPath } from '../kit/paths.ts';
import { mutateBytes, mutateJson, pick, type Random } from './mutate.ts';
import { errorCode } from './node-checks.ts';
import { type NodeTarget, nodeTarget, toBase64 } from './target.ts';

/** A small embedder. test/fuzz/weights/embedder.h5 has weights of it, written by the HDF5 library in Keras's layout. */
const architecture: Architecture = {
  name: 'small embedder',
  source: 'for the fuzzer',
  input: [8, 8, 3],
  layers: [
    convolution('Conv2d_1a_3x3', 4, 3, { offset: 'batch-normalisation', stride: 2 }),
    { kind: 'average-pooling', name: 'AvgPool' },
    fullyConnected('Bottleneck', 4),
  ],
};

const kerasFile = readFileSync(repositoryPath('test/fuzz/weights/embedder.h5'));
const frozenGraph = writeFrozenGraph();
const [graphFile, weightsFile] = smallestGraphModel();

/** The readers of weights without a network, and of TensorFlow.js models. Every damaged file is converted, or refused with a code. */
export const targets: Record<string, NodeTarget> = {
  frozenGraph: weightFileTarget('embedder.pb', frozenGraph),
  keras: weightFileTarget('embedder.h5', kerasFile),
  tfjsModel: nodeTarget<{ json: string; weights: string }>({
    limitMs: 5000,
    make: (random) => ({
      json: mutatedJson(random),
      weights: random() < 0.8 ? '' : toBase64(mutateBytes(random, weightsFile)),
    }),
    async run({ json, weights }) {
      const beside = weights ? Buffer.from(weights, 'base64') : weightsFile;
      return outcomeOf('model.json', new TextEncoder().encode(json), async () => Uint8Array.from(beside));
    },
  }),
};

function weightFileTarget(path: string, file: Uint8Array): NodeTarget {
  return nodeTarget<string>({
    limitMs: 5000,
    make: (random) => toBase64(mutateBytes(random, file)),
    run: (base64) => outcomeOf(path, new Uint8Array(Buffer.from(base64, 'base64'))),
  });
}

async function outcomeOf(
  path: string,
  bytes: Uint8Array,
  readBeside?: (path: string) => Promise<Uint8Array>,
): Promise<string> {
  try {
    await readModel(path, bytes, architecture, { readBeside });
    return 'answer';
  } catch (error) {
    return errorCode(error);
  }
}

/** A changed model.json: any part of it, or one of those that state sizes, which are a small part of the file. */
function mutatedJson(random: Random): string {
  if (random() < 0.5) return JSON.stringify(mutateJson(random, graphFile));
  const part = pick(random, ['weightsManifest', 'signature', 'format']);
  return JSON.stringify({ ...graphFile, [part]: mutateJson(random, graphFile[part] ?? null) });
}

function writeFrozenGraph(): Uint8Array {
  const graph = new GraphDef();
  for (const { name, shape } of operationsOf(architecture).flatMap(({ weights }) => weights)) {
    const length = shape.reduce((product, side) => product * side, 1);
    graph.constant(
      name,
      shape,
      Float32Array.from({ length }, (_, i) => 0.5 + (i % 7) / 10),
    );
    graph.add(`${name}/read`, 'Identity', [name], { T: { type: 'DT_FLOAT' } });
  }
  return graph.encode();
}

/** The smallest prepared network: its JSON and its weights. */
function smallestGraphModel(): [json: Record<string, unknown>, weights: Buffer] {
  const sizeOf = ({ files }: { files: { bytes: number }[] }) => files.reduce((sum, { bytes }) => sum + bytes, 0);
  const models = readManifest().models.filter(({ engine }) => engine === 'tfjs');
  const [smallest] = models.toSorted((a, b) => sizeOf(a) - sizeOf(b));
  const [json, weights] = (smallest?.files ?? []).map(({ path }) =>
    readFileSync(repositoryPath(`public/models/${path}`)),
  ) as [Buffer, Buffer];
  return [JSON.parse(json.toString()), weights];
}
