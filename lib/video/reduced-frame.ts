import type { LandmarkedFace, Landmarks } from '../core/types.ts';
import type { FollowedFace, FrameAnswer, FrameRequest, Sample } from '../pipeline/frame.ts';

/** Frames with more pixels are reduced: to read them takes longer than to recognise their faces. */
const maxFramePixels = 1920 * 1080;

/** The number of pixels of a reduced frame. The smallest faces that are found by default then have the size of the embedders' crops. */
const reducedPixels = 1280 * 720;

/** Processes a frame of a video, or a reduced copy of it. */
export type FollowFrame = (
  frame: HTMLVideoElement | ImageBitmap,
  request: FrameRequest,
  signal?: AbortSignal,
) => Promise<FrameAnswer>;

/**
 * Processes the frame that a video shows, reduced if it has more than {@link maxFramePixels} pixels. The positions in the request and in
 * the answer are pixels of the video.
 */
export async function followReduced(
  video: HTMLVideoElement,
  request: FrameRequest,
  follow: FollowFrame,
  signal: AbortSignal | undefined,
): Promise<FrameAnswer> {
  const pixels = video.videoWidth * video.videoHeight;
  if (!(pixels > maxFramePixels)) return follow(video, request, signal);
  const width = Math.round(video.videoWidth * Math.sqrt(reducedPixels / pixels));
  const scale = width / video.videoWidth;
  const resize = { resizeWidth: width, resizeQuality: 'medium' as const };
  // The error for a frame that cannot be read is that of the whole frame.
  const frame = await createImageBitmap(video, resize).catch(() => undefined);
  if (!frame) return follow(video, request, signal);
  try {
    return scaledAnswer(await follow(frame, scaledRequest(request, scale), signal), 1 / scale);
  } finally {
    frame.close();
  }
}

function scaledRequest({ known, search, searchWhenLost, ...request }: FrameRequest, scale: number): FrameRequest {
  const scaledLimits = <Limits extends FrameRequest['search']>(limits: Limits) =>
    limits && { ...limits, minSize: { ...limits.minSize, pixels: limits.minSize.pixels * scale } };
  return {
    ...request,
    known: known.map((face) => ({ ...face, landmarks: scaledLandmarks(face.landmarks, scale) })),
    ...(search && { search: scaledLimits(search) }),
    ...(searchWhenLost && { searchWhenLost: scaledLimits(searchWhenLost) }),
  };
}

function scaledAnswer({ known, found, width, height, ...answer }: FrameAnswer, scale: number): FrameAnswer {
  return {
    ...answer,
    known: known.map((face) => face && scaledFace(face, scale)),
    found: found.map((face) => scaledFace(face, scale)),
    width: width * scale,
    height: height * scale,
  };
}

function scaledFace<F extends FollowedFace | (FollowedFace & Sample)>(face: F, scale: number): F {
  const scaled = { ...face, box: scaledBox(face.box, scale), landmarks: scaledLandmarks(face.landmarks, scale) };
  if (!('quality' in scaled)) return scaled;
  return { ...scaled, quality: { ...scaled.quality, eyeDistance: scaled.quality.eyeDistance * scale } };
}

function scaledLandmarks({ points, box, ...landmarks }: Landmarks, scale: number): Landmarks {
  return {
    ...landmarks,
    points: points.map(({ x, y }) => ({ x: x * scale, y: y * scale })),
    ...(box && { box: scaledBox(box, scale) }),
  };
}

function scaledBox({ x, y, width, height }: LandmarkedFace['box'], scale: number): LandmarkedFace['box'] {
  return { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
}
