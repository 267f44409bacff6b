import { alignedCrop } from '../alignment/align.ts';
import type { Face, Landmarks, Pixels } from '../core/types.ts';
import { type DetectionLimits, detectFaces } from '../detection/detect.ts';
import { embedFaces } from '../embedding/embed-faces.ts';
import type { Picture } from '../image/picture.ts';
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

/** How the stages answer each request. */
export const handlers: { [Name in RequestName]: Handler<Name> } = {
  detect,
  landmarks: findLandmarks,
  async align(picture, stages, { face, template, size }, signal) {
    const [landmarks] = (await findLandmarks(picture, stages, [face], signal)) as [Landmarks];
    return alignedCrop(picture, landmarks, template, size);
  },
  async embedDetected(picture, stages, limits, signal) {
    return handlers.embedFaces(picture, stages, await detect(picture, stages, limits, signal), signal);
  },
  async embedFaces(picture, stages, faces, signal) {
    const landmarks = await findLandmarks(picture, stages, faces, signal);
    const landmarked = faces.map((face, i) => ({ ...face, landmarks: landmarks[i] as Landmarks }));
    return embedFaces(picture, stages.embedder, landmarked, signal);
  },
  async embedCrop(picture, { embedder }, _, signal) {
    const crop = resized(picture, embedder.descriptor.preprocessing.width);
    return (await embedder.embedCrop(crop, signal)).embedding;
  },
  follow: (picture, stages, request, signal) => followFaces(picture, stages, request, signal),
};

function detect(
  picture: Picture,
  { detector, closeUp, landmarker }: Stages,
  limits: DetectionLimits,
  signal: AbortSignal | undefined,
): Promise<Face[]> {
  return detectFaces(picture, { detector, closeUp, witness: landmarker.presence }, limits, signal);
}

async function findLandmarks(
  picture: Picture,
  { landmarker }: Stages,
  faces: readonly KnownFace[],
  signal: AbortSignal | undefined,
): Promise<Landmarks[]> {
  const unknown = faces.filter(({ landmarks }) => !landmarks);
  const found = (await landmarker.find(picture, unknown, signal)).values();
  return faces.map(({ landmarks }) => landmarks ?? (found.next().value as Landmarks));
}

/** The whole picture as a square of `size` pixels. */
function resized(picture: Picture, size: number): Pixels {
  return warp(picture, { a: picture.width / size, b: 0, c: 0, d: picture.height / size, e: 0, f: 0 }, size, size);
}
