import { weightMismatches } from '../../../lib/training/networks/weights.ts';
import { unsupportedFile } from '../errors.ts';
import type { GraphModel } from '../graph/graph-model.ts';
import type { InputSize } from '../readers/image-size.ts';
import { convertNodes } from '../readers/onnx/convert-onnx.ts';
import type { Known } from '../readers/onnx/values.ts';
import { improvedResNetLayouts } from './improved-resnet.ts';
import { graphOfInceptionResNet, isInceptionResNet } from './inception-resnet.ts';
import type { Layout, Network, StateDict } from './layout.ts';
import { mobileFaceNetLayout } from './mobilefacenet.ts';
import { mtcnnLayouts } from './mtcnn.ts';
import { networkNodes } from './network-nodes.ts';

/** The layouts of state dicts that are described as data. */
const layouts: readonly Layout[] = [mobileFaceNetLayout, ...improvedResNetLayouts, ...mtcnnLayouts];

/** What trainings put in front of the names of their tensors. */
const prefixes = /^(?:state_dict|model_state_dict|model|module|net|backbone|encoder)\./;

/**
 * Converts the tensors of a published layout to a graph model: InceptionResnetV1 and MTCNN of facenet-pytorch, MobileFaceNet, IR and
 * IR-SE.
 *
 * @param inputSize the size of images, for a network that takes any size. Default: the smallest one.
 * @throws {FaceNetError} `model-file-unsupported` that names the known layouts, or the tensors that are missing, surplus or misshapen
 *   in the one that the file resembles.
 */
export function graphOfStateDict(given: StateDict, inputSize?: InputSize): GraphModel {
  const tensors = withoutPrefixes(given);
  try {
    if (isInceptionResNet(tensors)) return graphOfInceptionResNet(tensors);
  } catch (cause) {
    throw unsupportedFile(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const layout = layouts.find(({ recognises }) => recognises(tensors));
  if (!layout) throw unknownLayout(tensors);
  const { graph, shapes } = networkNodes(withSize(layout.network(tensors), inputSize));
  const isUsed = (name: string) => !/\.num_batches_tracked$/.test(name) && !layout.ignored?.test(name);
  requireShapes(layout, shapes, new Map([...tensors].filter(([name]) => isUsed(name))));
  return convertNodes(graph, knownTensors(tensors, shapes.keys()));
}

function withSize(network: Network, size: InputSize | undefined): Network {
  return network.takesAnySize && size ? { ...network, input: [size.height, size.width] } : network;
}

/** The tensors without the prefixes that all of them have, and without those of another kind beside them. */
function withoutPrefixes(given: StateDict): StateDict {
  let tensors = given;
  for (let depth = 0; depth < 4; depth++) {
    const counts = [...tensors.keys()].filter((name) => prefixes.test(name)).length;
    // A checkpoint of a training also has the state of its optimizer and its head.
    if (counts === 0 || counts < tensors.size / 2) return tensors;
    tensors = new Map(
      [...tensors].flatMap(([name, tensor]) =>
        prefixes.test(name) ? [[name.replace(prefixes, ''), tensor] as const] : [],
      ),
    );
  }
  return tensors;
}

function requireShapes({ name }: Layout, shapes: ReadonlyMap<string, readonly number[]>, tensors: StateDict): void {
  const text = (shape: readonly number[]) => shape.join('×') || 'scalar';
  const wanted = new Map([...shapes].map(([tensor, shape]) => [tensor, text(shape)]));
  const mismatches = weightMismatches(
    wanted,
    new Map([...tensors].map(([tensor, { shape }]) => [tensor, text(shape)])),
  );
  if (mismatches.length === 0) return;
  const lists = mismatches.map(
    ([kind, names]) => `${kind} (${names.length}):\n${names.map((tensor) => `  ${tensor}\n`).join('')}`,
  );
  throw unsupportedFile(`The tensors of the file are not those of ${name}.\n${lists.join('')}`.trimEnd());
}

function unknownLayout(tensors: StateDict): Error {
  const known = ['InceptionResnetV1 (facenet-pytorch)', ...layouts.map(({ name }) => name)];
  const first = [...tensors].slice(0, 5).map(([name, { shape }]) => `  ${name} (${shape.join('×')})\n`);
  return unsupportedFile(
    `The file has ${tensors.size} tensors of a layout that is not known, beginning with\n${first.join('')}Known layouts: ${known.join('; ')}. Export the network as .onnx instead: torch.onnx.export(model, image, "model.onnx").`,
  );
}

function knownTensors(tensors: StateDict, names: Iterable<string>): Map<string, Known> {
  return new Map(
    [...names].map((name) => {
      const { shape = [], values = new Float32Array() } = tensors.get(name) ?? {};
      return [name, { kind: 'known', shape, type: 'float', values }];
    }),
  );
}
