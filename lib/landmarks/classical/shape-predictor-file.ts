import * as v from 'valibot';
import { damaged, PackedFile, pack } from '../../models/packed-file.ts';
import type { ForestLevel, ShapePredictor } from './shape-predictor.ts';

/** The kind of the packed file. */
const kind = 'FWsp';

const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));

const headerSchema = v.object({
  points: count(1000),
  levels: v.pipe(
    v.array(
      v.object({
        pixels: count(65_535),
        trees: count(100_000),
        nodes: count(4095),
      }),
    ),
    v.minLength(1),
    v.maxLength(100),
  ),
});

/**
 * Stores a shape predictor compactly: four bytes for each change of the shape, nearly all of the file, instead of dlib's five or six.
 * Fewer bits would move a compared pixel now and then to its neighbour, and with it a point by up to a pixel.
 */
export function packShapePredictor({ meanShape, levels }: ShapePredictor): Uint8Array<ArrayBuffer> {
  const header = {
    points: meanShape.length / 2,
    levels: levels.map(({ anchors, trees, first }) => ({
      pixels: anchors.length,
      trees,
      nodes: first.length / trees,
    })),
  };
  const arrays = levels.flatMap((level) => [
    level.offsets,
    level.thresholds,
    level.leaves,
    level.anchors,
    level.first,
    level.second,
  ]);
  return pack(kind, header, [meanShape, ...arrays]);
}

/**
 * Reads what {@link packShapePredictor} wrote.
 *
 * @throws {FaceNetError} `model-file-damaged` for other bytes, and for indices outside the arrays that they refer to.
 */
export function unpackShapePredictor(bytes: Uint8Array<ArrayBuffer>): ShapePredictor {
  const file = new PackedFile(kind, bytes);
  const { success, output: header } = v.safeParse(headerSchema, file.header);
  if (!success) throw damaged('header');
  const meanShape = file.array(Float32Array, 2 * header.points);
  const levels = header.levels.map(({ pixels, trees, nodes }): ForestLevel => {
    const offsets = file.array(Float32Array, 2 * pixels);
    const thresholds = file.array(Float32Array, trees * nodes);
    const leaves = file.array(Float32Array, trees * (nodes + 1) * 2 * header.points);
    const anchors = file.array(Uint16Array, pixels);
    const first = file.array(Uint16Array, trees * nodes);
    const second = file.array(Uint16Array, trees * nodes);
    if (!isBelow(anchors, header.points) || !isBelow(first, pixels) || !isBelow(second, pixels))
      throw damaged('indices');
    return { anchors, offsets, trees, first, second, thresholds, leaves };
  });
  file.end();
  return { meanShape, levels };
}

function isBelow(indices: Uint16Array, limit: number): boolean {
  return indices.every((index) => index < limit);
}
