import type { GraphModel, Node } from '../graph/graph-model.ts';
import { fusedClamp } from './clamp.ts';
import { foldedChannelScale } from './fold-channel-scale.ts';
import { GraphEditor } from './graph-editor.ts';
import { fusedSlopes } from './piecewise-linear.ts';
import { fusedSoftmax } from './softmax.ts';
import { fusedSwish } from './swish.ts';

/** Recognises the node that ends a pattern, and returns the node that replaces it. */
type Fusion = (graph: GraphEditor, node: Node) => Node | undefined;

const fusions: readonly Fusion[] = [foldedChannelScale, fusedClamp, fusedSlopes, fusedSwish, fusedSoftmax];

/**
 * Replaces groups of nodes by one node with the same result up to rounding: spellings of ReLU, ReLU6, leaky ReLU, PReLU, swish, hard
 * swish and softmax, and scales, shifts and batch normalisation after a convolution or a matrix product. Removes the nodes and the weights that the
 * outputs do not depend on.
 *
 * `Swish` and `HardSwish` are operators of facenet-web: see lib/runtime/tensorflow/own-operators.ts.
 *
 * @param outputs the nodes that stay.
 * @throws {Error} for a weight of a type without a fixed size.
 */
export function fuse(model: GraphModel, outputs: readonly string[]): GraphModel {
  const graph = new GraphEditor(model, outputs);
  // In execution order, so that a pattern can end at a node that another pattern has replaced.
  for (const name of graph.names) {
    const node = graph.node(name);
    if (!node || node.input.some((reference) => reference.startsWith('^'))) continue;
    for (const fusion of fusions) {
      const fused = fusion(graph, node);
      if (!fused) continue;
      graph.replace(fused);
      break;
    }
  }
  return graph.build();
}
