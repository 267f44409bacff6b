/** More doublings than this would need gigabytes for a photo. */
const maxDoublings = 4;

/**
 * How often a picture is doubled so that a window finds faces of `minSize` pixels: `upsample_num_times` of dlib's detectors.
 *
 * @param window the side of the window, in pixels.
 */
export function doublingsFor(minSize: number, window: number): number {
  return Math.min(maxDoublings, Math.max(0, Math.ceil(Math.log2(window / minSize) - 1e-9)));
}
