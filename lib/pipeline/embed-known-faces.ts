import { type AssessedCrop, assessCrop, embedFaces } from '../embedding/embed-faces.ts';
import type { Embedder } from '../embedding/embedder.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { FollowedFace, FrameRequest, KnownFace, Sample } from './frame.ts';

/** A face to embed, its index in the frame, and its crop, which was cut to assess its quality. */
export interface WantedFace {
  i: number;
  face: FollowedFace & { cropQuality: number; oneCrop: boolean };
  assessed: AssessedCrop;
}

/** The maximum number of faces that are embedded in one frame because their signatures changed. */
const maxChangedFaces = 3;

/** The visible faces whose crop is good enough, that are to be verified, or that may have become another face by a cut. */
export function facesToEmbed(
  picture: PixelSource,
  embedder: Embedder,
  faces: readonly (FollowedFace | undefined)[],
  known: FrameRequest['known'],
): WantedFace[] {
  let changedFaces = 0;
  return faces.flatMap((face, i) => {
    const { embedAbove, verify, maxChange } = known[i] as KnownFace;
    const changed = (face?.change ?? 0) > maxChange && changedFaces < maxChangedFaces;
    if (changed) changedFaces++;
    if (!face || (embedAbove === Number.POSITIVE_INFINITY && !verify && !changed)) return [];
    const assessed = assessCrop(picture, embedder, face.landmarks);
    const cropQuality = assessed.quality.overall;
    const oneCrop = cropQuality < embedAbove;
    return oneCrop && !verify && !changed ? [] : [{ i, face: { ...face, cropQuality, oneCrop }, assessed }];
  });
}

/** Embeds faces. @returns each with its index in the frame. */
export async function embedWanted(
  picture: PixelSource,
  embedder: Embedder,
  wanted: readonly WantedFace[],
  signal: AbortSignal | undefined,
): Promise<[number, FollowedFace & Sample][]> {
  const results: [number, FollowedFace & Sample][] = [];
  for (const oneCrop of [false, true]) {
    const group = wanted.filter(({ face }) => face.oneCrop === oneCrop);
    const faces = group.map(({ face }) => face);
    const assessed = group.map((each) => each.assessed);
    const embedded = await embedFaces(picture, embedder, faces, { signal, assessed, oneCrop });
    for (const [n, sample] of embedded.entries()) results.push([(group[n] as WantedFace).i, sample]);
  }
  return results;
}
