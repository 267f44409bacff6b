import type { ModelSource, Preprocessing } from '../../../lib/models/manifest.ts';
import { unsupportedFile } from '../errors.ts';
import { type GraphModel, graphModelFiles } from '../graph/graph-model.ts';
import type { DlibLayer, DlibNetwork } from '../readers/dlib/dlib-network.ts';
import { graphOfNetwork } from '../readers/dlib/network-graph.ts';
import { expectedOutputs } from '../self-check.ts';
import { type ClassicalModel, ownFile } from './classical-model.ts';

/** The side of the self-check image of a network for images of any size. */
const checkSize = 96;

/** Describes a network of dlib: the embedder of face_recognition, or the CNN detector. */
export async function describeDlibNetwork(
  network: DlibNetwork,
  source: Omit<ModelSource, 'conversion'>,
  name: string | undefined,
): Promise<ClassicalModel> {
  const { loss, input } = network;
  const size = input.size ?? { width: checkSize, height: checkSize };
  const preprocessing: Preprocessing = { ...size, channels: 'rgb', mean: input.mean, std: [256, 256, 256] };
  const graph = graphOfNetwork({ ...network, input: { ...input, size } });
  const conversion = 'a network of dlib, converted to a graph model; scale layers are folded into convolutions';
  const common = await describe(graph, preprocessing, { ...source, conversion });
  const files = graphModelFiles(graph).map(({ path, bytes }) => ({ path, bytes: new Uint8Array(bytes) }));
  if (loss.type === 'mmod') {
    if (!input.pyramid)
      throw unsupportedFile('The detector has no image pyramid: use one like mmod_human_face_detector.');
    const { padding, outerPadding } = input.pyramid;
    const { windows, maxOverlap, maxCovered } = loss;
    const head = {
      type: 'mmod' as const,
      windows,
      padding,
      outerPadding,
      ...mappingOf(network.layers),
      maxOverlap,
      maxCovered,
    };
    return { option: 'detector', descriptor: { name: name ?? 'dlib-mmod', task: 'detection', head, ...common }, files };
  }
  if (!input.size)
    throw unsupportedFile('The network takes images of any size: use one like dlib_face_recognition_resnet_model_v1.');
  return {
    option: 'embedder',
    descriptor: {
      name: name ?? 'dlib-resnet',
      task: 'embedding',
      dimension: common.outputs[0]?.shape[1] as number,
      metric: 'euclidean',
      template: 'dlib-chip',
      // face_recognition embeds one crop, without its mirror image.
      crops: { zooms: [1], mirrored: false },
      ...common,
    },
    files,
  };
}

async function describe(graph: GraphModel, preprocessing: Preprocessing, source: ModelSource) {
  const common = {
    engine: 'tfjs' as const,
    input: { name: 'image', shape: [-1, preprocessing.height, preprocessing.width, 3] },
    outputs: [{ name: 'output', shape: [-1] }],
    preprocessing,
    ...ownFile,
    source,
  };
  const { checks, outputs } = await expectedOutputs(common, graphModelFiles(graph));
  const length = outputs[0]?.length as number;
  return { ...common, outputs: [{ name: 'output', shape: [-1, length] }], selfCheck: checks };
}

/** The input pixels between two output pixels, and the input position of the first. (dlib, `map_output_to_input`) */
function mappingOf(layers: readonly DlibLayer[]): { stride: number; offset: number } {
  let stride = 1;
  let offset = 0;
  for (const layer of layers) {
    if (layer.type !== 'convolution' && layer.type !== 'maxPool') continue;
    offset += stride * (Math.floor(layer.rows / 2) - layer.padding);
    stride *= layer.stride;
  }
  return { stride, offset };
}
