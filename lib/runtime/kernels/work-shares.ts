/** A half-open range of indices: [start, end). */
export type Range = [start: number, end: number];

/**
 * Divides `count` items among threads, in multiples of `grain`. Few items give fewer shares than threads.
 */
export function shareEvenly(count: number, threads: number, grain: number): Range[] {
  const shareSize = Math.ceil(count / threads / grain) * grain;
  return Array.from({ length: Math.ceil(count / shareSize) }, (_, i) => [
    i * shareSize,
    Math.min(count, (i + 1) * shareSize),
  ]);
}

/**
 * Divides the output tiles of a batch among threads, by whole rows of tiles. If the height is no multiple of the tile
 * size, the last row of tiles overlaps the one before it: one thread computes both, so that the result does not depend
 * on timing.
 */
export function shareTiles(tileSize: number, images: number, height: number, width: number, threads: number): Range[] {
  const tileRows = Math.ceil(height / tileSize);
  const tileColumns = Math.ceil(width / tileSize);
  const overlaps = height % tileSize !== 0;
  const firstTile = (row: number) => (overlaps && row % tileRows === tileRows - 1 ? row + 1 : row) * tileColumns;
  return shareEvenly(images * tileRows, threads, 1)
    .map(([start, end]): Range => [firstTile(start), firstTile(end)])
    .filter(([start, end]) => start < end);
}
