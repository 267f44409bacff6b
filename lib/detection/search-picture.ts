import type { Face } from '../core/types.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { DetectedFace, PictureDetector, SearchArea } from './detector.ts';
import { overlaps } from './same-face.ts';
import { suppress } from './suppression.ts';
import { turnedViews, upsideDownViews } from './views.ts';

/** A head with a larger roll, in radians, suggests that other heads are rolled too. */
const uprightRoll = Math.PI / 12;

/** The turns, in radians, of the picture in which heads are searched that are not upright. */
const turns = [Math.PI / 4, -Math.PI / 4, Math.PI / 2, -Math.PI / 2];

/** How thorough a search is, and the faces that it need not find: the fields of the same names of `DetectionRequest`. */
interface SearchRequest {
  minSize: { pixels: number; share: number };
  thorough: boolean;
  known: readonly Face[];
}

/**
 * Finds the faces in a picture with a detector that searches every scale itself. The picture is searched upright, then
 * turned, unless the detector is `uprightOnly`: by 45° and 90° if no face was found; upside down if there is still none and the search is thorough; and
 * by the roll of each rolled head if the search is thorough.
 *
 * @returns the faces that are not `known`, in source pixels.
 */
export async function searchPicture(
  picture: PixelSource,
  detector: PictureDetector,
  { minSize, thorough, known }: SearchRequest,
  signal?: AbortSignal,
): Promise<DetectedFace[]> {
  const { width, height } = picture;
  const longer = Math.max(width, height);
  const side = Math.max(minSize.pixels, minSize.share * longer);
  const found: DetectedFace[] = [];
  const searchAreas = async (areas: readonly SearchArea[]) => {
    const faces: DetectedFace[] = [];
    for (const area of areas) faces.push(...(await detector.search(picture, area, side, signal)));
    const isNew = (face: DetectedFace) => ![...known, ...found].some((other) => overlaps(other, face));
    const added = faces.filter(isNew);
    // Only areas that overlap give the same face twice.
    found.push(...(areas.length > 1 ? suppress(added, overlaps) : added));
  };
  const foundNone = () => found.length + known.length === 0;
  const squares = (views: readonly SearchArea['toSource'][]) =>
    views.map((toSource) => ({ width: longer, height: longer, toSource }));
  await searchAreas([{ width, height, toSource: { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 } }]);
  if (detector.uprightOnly) return found;
  const rolls = found.map(({ roll }) => roll).filter((roll) => Math.abs(roll) > uprightRoll);
  if (foundNone()) await searchAreas(squares(turnedViews(picture, turns, longer)));
  else if (thorough) await searchAreas(squares(turnedViews(picture, rolls, longer)));
  if (thorough && foundNone()) await searchAreas(squares(upsideDownViews(picture, longer)));
  return found;
}
