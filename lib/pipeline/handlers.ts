import { alignedCrop, plainCrop } from '../alignment/align.ts';
import type { CropFormat } from '../alignment/crop-format.ts';
import { faceInCrop } from '../core/face-in-crop.ts';
import type { Box, EmbeddedFace, Landmarks, Pixels } from '../core/types.ts';
import { type DetectionLimits, detectFaces } from '../detection/detect.ts';
import { type DetectedFace, withoutFirstPass } from '../detection/detector.ts';
import { embedFaces } from '../embedding/embed-faces.ts';
import type { Embedded } from '../embedding/embedder.ts';
import type { Picture } from '../image/pixel-source.ts';
import { warp } from '../image/warp.ts';
import { followFaces } from './follow.ts';
import type { Input, KnownFace, Output, RequestName } from './pipeline.ts';
import type { Stages } from './stages.ts';

type Handler<Name extends RequestName> = (
  picture: Picture,
  stages: Stages,
  input: Input<Name>,
  signal: AbortSignal | undefined,
) => Promise<Output<Name>>;

/** The handler of each request. */
export const handlers: { [Name in RequestName]: Handler<Name> } = {
  async detect(picture, stages, limits, signal) {
    return (await detect(picture, stages, limits, signal)).map(withoutFirstPass);
  },
  landmarks: findLandmarks,
  async align(picture, stages, { face, format }, signal) {
    if (format.template === 'box') return boxCrop(picture, face.box, format);
    const [landmarks] = (await findLandmarks(picture, stages, [face], signal)) as [Landmarks];
    return alignedCrop(picture, landmarks, format);
  },
  async embedDetected(picture, stages, limits, signal) {
    return embed(picture, stages, await detect(picture, stages, limits, signal), signal);
  },
  embedFaces: embed,
  async embedCrop(picture, stages, _, signal) {
    const { embedder } = stages;
    if (embedder.embedCrop) return (await embedder.embedCrop(resized(picture, embedder.crop.size), signal)).embedding;
    // The crops of other templates are cut from this one.
    const landmarks = await findLandmarks(picture, stages, [faceInCrop(picture)], signal);
    const [embedded] = await embedder.embed(picture, [{ landmarks: landmarks[0] as Landmarks }], signal);
    return (embedded as Embedded).embedding;
  },
  follow: (picture, stages, request, signal) => followFaces(picture, stages, request, signal),
};

function detect(
  picture: Picture,
  { detector, refiner, landmarker: { presenceScorer } }: Stages,
  limits: DetectionLimits,
  signal: AbortSignal | undefined,
): Promise<DetectedFace[]> {
  return detectFaces(picture, { detector, refiner, presenceScorer }, limits, signal);
}

async function embed(
  picture: Picture,
  stages: Stages,
  faces: readonly (KnownFace & DetectedFace)[],
  signal: AbortSignal | undefined,
): Promise<EmbeddedFace[]> {
  const landmarks = await findLandmarks(picture, stages, faces, signal);
  const landmarked = faces.map((face, i) => ({ ...withoutFirstPass(face), landmarks: landmarks[i] as Landmarks }));
  return embedFaces(picture, stages.embedder, landmarked, { signal });
}

async function findLandmarks(
  picture: Picture,
  { landmarker }: Stages,
  faces: readonly (KnownFace & DetectedFace)[],
  signal: AbortSignal | undefined,
): Promise<Landmarks[]> {
  const unknown = faces.filter(({ landmarks }) => !landmarks);
  const found = (await landmarker.find(picture, unknown, signal)).values();
  return faces.map(({ landmarks }) => landmarks ?? (found.next().value as Landmarks));
}

/** The crop of a box, without a margin. */
function boxCrop(picture: Picture, box: Box, { size, height = size }: CropFormat): Pixels {
  return warp(picture, plainCrop(box, size, height), size, height);
}

/** The whole picture as a square of `size` pixels. */
function resized(picture: Picture, size: number): Pixels {
  return warp(picture, { a: picture.width / size, b: 0, c: 0, d: picture.height / size, e: 0, f: 0 }, size, size);
}
