import type { ForestLevel, ShapePredictor } from '../../../../lib/landmarks/classical/shape-predictor.ts';
import { SerializedReader, unreadable } from './serialized-reader.ts';

/** Limits on the size of a predictor, ten times those of dlib's files. */
const maxPoints = 1000;
const maxLevels = 100;
const maxDepth = 10;

/** A tree as the file has it: nodes in breadth-first order, and the change of the shape at each leaf. */
interface Tree {
  first: number[];
  second: number[];
  thresholds: number[];
  leaves: Float64Array[];
}

/**
 * Reads a shape predictor that dlib saved, such as shape_predictor_68_face_landmarks.dat. (dlib, image_processing/shape_predictor.h)
 *
 * @throws {FaceNetError} `model-file-damaged` for other bytes.
 */
export function readShapePredictor(bytes: Uint8Array): ShapePredictor {
  const reader = new SerializedReader(bytes);
  reader.integerIn(1, 1, 'version');
  const meanShape = Float32Array.from(reader.vector('mean shape'));
  const points = meanShape.length / 2;
  if (!Number.isInteger(points) || points < 1 || points > maxPoints) throw unreadable(`it has ${points} points`);
  const count = reader.integerIn(1, maxLevels, 'number of levels');
  const forests = Array.from({ length: count }, () => readForest(reader, meanShape.length));
  const anchors = readPerLevel(reader, count, () => readAnchors(reader, points));
  const offsets = readPerLevel(reader, count, () => readOffsets(reader));
  if (!reader.atEnd) throw unreadable('bytes follow its end');
  const levels = forests.map((forest, i) => {
    const level = { ...forest, anchors: anchors[i] as Uint16Array, offsets: offsets[i] as Float32Array };
    const pixels = level.anchors.length;
    const isInside = (index: number) => index < pixels;
    if (level.offsets.length !== 2 * pixels || !level.first.every(isInside) || !level.second.every(isInside)) {
      throw unreadable('a tree compares pixels that it does not define');
    }
    return level;
  });
  return { meanShape, levels };
}

function readPerLevel<T>(reader: SerializedReader, count: number, read: () => T): T[] {
  reader.integerIn(count, count, 'number of levels');
  return Array.from({ length: count }, read);
}

function readForest(reader: SerializedReader, length: number): Omit<ForestLevel, 'anchors' | 'offsets'> {
  const count = reader.count(1, 'number of trees');
  if (count === 0) throw unreadable('a level has no trees');
  const trees = Array.from({ length: count }, () => readTree(reader, length));
  const nodes = trees[0]?.first.length as number;
  if (trees.some(({ first }) => first.length !== nodes)) throw unreadable('its trees have different depths');
  return {
    trees: count,
    first: Uint16Array.from(trees.flatMap(({ first }) => first)),
    second: Uint16Array.from(trees.flatMap(({ second }) => second)),
    thresholds: Float32Array.from(trees.flatMap(({ thresholds }) => thresholds)),
    leaves: concatenated(trees.flatMap(({ leaves }) => leaves)),
  };
}

function readTree(reader: SerializedReader, length: number): Tree {
  const tree: Tree = { first: [], second: [], thresholds: [], leaves: [] };
  const nodes = reader.integerIn(1, 2 ** maxDepth - 1, 'number of nodes');
  for (let node = 0; node < nodes; node++) {
    tree.first.push(reader.integerIn(0, 65_535, 'pixel of a node'));
    tree.second.push(reader.integerIn(0, 65_535, 'pixel of a node'));
    tree.thresholds.push(reader.float());
  }
  // A complete tree has one leaf more than nodes, a power of two.
  if (!Number.isInteger(Math.log2(nodes + 1))) throw unreadable('a tree is not complete');
  reader.integerIn(nodes + 1, nodes + 1, 'number of leaves');
  for (let leaf = 0; leaf <= nodes; leaf++) tree.leaves.push(reader.vector('change of the shape', length));
  return tree;
}

function concatenated(leaves: readonly Float64Array[]): Float32Array {
  const length = leaves[0]?.length ?? 0;
  const values = new Float32Array(leaves.length * length);
  leaves.forEach((leaf, i) => {
    values.set(leaf, i * length);
  });
  return values;
}

function readAnchors(reader: SerializedReader, points: number): Uint16Array {
  const count = reader.count(2, 'number of pixels');
  return Uint16Array.from({ length: count }, () => reader.integerIn(0, points - 1, 'point of a pixel'));
}

function readOffsets(reader: SerializedReader): Float32Array {
  const count = reader.count(8, 'number of pixels');
  return Float32Array.from({ length: 2 * count }, () => reader.float());
}
