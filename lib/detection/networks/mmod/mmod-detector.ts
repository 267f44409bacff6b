import { FaceNetError } from '../../../core/errors.ts';
import { logistic } from '../../../core/math.ts';
import { type ByteImage, toByteImage } from '../../../image/dlib/byte-image.ts';
import { originalBox, strongest } from '../../../image/dlib/detections.ts';
import { doubled, doubledSize, fromSixth } from '../../../image/dlib/pyramid.ts';
import { type Rectangle, toPixel } from '../../../image/dlib/rectangle.ts';
import { warp } from '../../../image/warp.ts';
import type { MmodHead } from '../../../models/manifest.ts';
import type { Network } from '../../../runtime/network.ts';
import type { DetectedFace, PictureDetector } from '../../detector.ts';
import { doublingsFor } from '../../doublings.ts';
import { drawTiledPyramid, type TiledLayout, tiledLayout } from './tiled-pyramid.ts';

/** Windows with a lower score are noise: dlib's threshold. The logistic of 0 is 0.5. */
const minScore = 0;

/** The most pixels of a tiled pyramid. The kernels need 32 bytes for each until the end of the first layer, and have 4 GB. */
const maxPixels = 100_000_000;

/** Loads the network for tiled pyramids of one size. */
export type LoadForSize = (width: number, height: number) => Promise<Network>;

/** A window that the network scores as a face, in pixels of the searched image. */
export interface MmodDetection {
  box: Rectangle;
  score: number;
}

/**
 * Creates dlib's CNN detector of faces (King, "Max-margin object detection", arXiv 1502.00046), which runs one network on all levels of an
 * image pyramid at once. It gives the boxes of `cnn_face_detection_model_v1(image, n)`, where n is the number of times that the picture is
 * doubled: until the window is no larger than `minSize`. The score of a face is the logistic of dlib's confidence.
 */
export function mmodDetector(loadForSize: LoadForSize, name: string, head: MmodHead): PictureDetector {
  const side = Math.min(...head.windows.flatMap(({ width, height }) => [width, height]));
  let loaded: { key: string; network: Network } | undefined;
  const networkFor = async ({ width, height }: TiledLayout): Promise<Network> => {
    const key = `${width}×${height}`;
    if (loaded?.key !== key) {
      loaded?.network.dispose();
      loaded = undefined;
      loaded = { key, network: await loadForSize(width, height) };
    }
    return loaded.network;
  };
  return {
    name,
    uprightOnly: true,
    async search(picture, { width, height, toSource }, minSize, signal) {
      const doublings = doublingsFor(minSize, side);
      let size = { width: Math.round(width), height: Math.round(height) };
      for (let i = 0; i < doublings; i++) size = doubledSize(size);
      layoutOf(size, head);
      let image = toByteImage(warp(picture, toSource, Math.round(width), Math.round(height)));
      for (let i = 0; i < doublings; i++) image = doubled(image);
      const found = await searchMmod(image, networkFor, head, signal);
      return found.map(({ box, score }): DetectedFace => {
        return { box: originalBox(box, doublings), score: logistic(score), roll: 0 };
      });
    },
    dispose() {
      loaded?.network.dispose();
      loaded = undefined;
    },
  };
}

/** The tiled pyramid of an image. @throws {FaceNetError} `option-invalid` if it is too large. */
function layoutOf({ width, height }: { width: number; height: number }, head: MmodHead): TiledLayout {
  const layout = tiledLayout(width, height, head.padding, head.outerPadding);
  if (layout.width * layout.height <= maxPixels) return layout;
  const problem = 'The picture, doubled until minSize is found, is too large for this detector';
  throw new FaceNetError('option-invalid', `${problem}: pass a larger minSize or a smaller picture.`);
}

/**
 * Searches an image.
 *
 * @returns the detections, strongest first, without those that overlap a stronger one.
 * @throws {FaceNetError} `option-invalid` if the image is too large. `signal.reason` when aborted.
 */
export async function searchMmod(
  image: ByteImage,
  networkFor: (layout: TiledLayout) => Promise<Network>,
  head: MmodHead,
  signal?: AbortSignal,
): Promise<MmodDetection[]> {
  const layout = layoutOf(image, head);
  const network = await networkFor(layout);
  const [outputs] = await network.run([drawTiledPyramid(image, layout, network.descriptor.preprocessing.mean)], signal);
  const scores = outputs?.[0] as Float32Array;
  const columns = Math.floor((layout.width - 2 * head.offset - 1) / head.stride) + 1;
  const found: MmodDetection[] = [];
  scores.forEach((score, i) => {
    if (score <= minScore) return;
    const window = head.windows[i % head.windows.length] as { width: number; height: number };
    const cell = Math.floor(i / head.windows.length);
    const centre = {
      x: (cell % columns) * head.stride + head.offset,
      y: Math.floor(cell / columns) * head.stride + head.offset,
    };
    found.push({ box: inImage(centre, window, layout.levels), score });
  });
  return strongest(found, head);
}

/** The box of a window about a position in the tiled pyramid, in pixels of the searched image. */
function inImage(
  centre: { x: number; y: number },
  window: { width: number; height: number },
  levels: readonly Rectangle[],
) {
  const level = nearestLevel(centre, levels);
  const { left, top } = levels[level] as Rectangle;
  const [dx, dy] = [(window.width - 1) / 2, (window.height - 1) / 2];
  const first = fromSixth({ x: centre.x - dx - left, y: centre.y - dy - top }, level);
  const last = fromSixth({ x: centre.x + dx - left, y: centre.y + dy - top }, level);
  return { left: toPixel(first.x), top: toPixel(first.y), right: toPixel(last.x), bottom: toPixel(last.y) };
}

/** The level that contains a position, or is nearest to it. */
function nearestLevel({ x, y }: { x: number; y: number }, levels: readonly Rectangle[]): number {
  const distances = levels.map(({ left, top, right, bottom }) =>
    Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom)),
  );
  return distances.indexOf(Math.min(...distances));
}
