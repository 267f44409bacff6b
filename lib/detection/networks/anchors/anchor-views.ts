import type { Box } from '../../../core/types.ts';
import { minPicturePerTile, tileLevelRatio, tilesOf } from '../../tiles.ts';
import type { InputSize } from './anchor-grid.ts';

/**
 * The rectangles of an area that a network searches, all with the proportions of its input: one that covers the area, and
 * overlapping tiles if faces of `minSize` are too small in it.
 *
 * @param area the size of the area.
 * @param minSize the side of the smallest face to find, in pixels of the area.
 * @param minFace the side of the smallest face that the network finds, in pixels of its input.
 */
export function anchorViews(area: InputSize, minSize: number, minFace: number, input: InputSize): Box[] {
  const scale = Math.max(area.width / input.width, area.height / input.height);
  const whole = { x: 0, y: 0, ...area };
  const views = [...tilesOf(whole, { width: input.width * scale, height: input.height * scale })];
  for (let tile = minSize / minFace; scale > minPicturePerTile * tile; tile *= tileLevelRatio) {
    views.push(...tilesOf(whole, { width: input.width * tile, height: input.height * tile }));
  }
  return views;
}
