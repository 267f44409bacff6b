import type { LandmarkedFace, Landmarks } from '../core/types.ts';
import { videoBitmap } from '../image/video-bitmap.ts';
import type { FollowedFace, FrameAnswer, FrameRequest, Sample } from '../pipeline/frame.ts';
import { scaledQuality } from '../quality/scaled-quality.ts';

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
 * Processes the frames of a video, reduced if they have more than {@link maxFramePixels} pixels. The positions in the requests and in the
 * answers are pixels of the video.
 */
export class FrameReducer {
  readonly #video: HTMLVideoElement;
  readonly #follow: FollowFrame;
  #canvas: OffscreenCanvas | undefined;
  /** Whether a picture of the current source was read. Until then drawImage() may draw nothing, without an error. */
  #isReadable = false;

  constructor(video: HTMLVideoElement, follow: FollowFrame) {
    this.#video = video;
    this.#follow = follow;
  }

  /** Handles evidence of a new source: its first picture is waited for. */
  restart(): void {
    this.#isReadable = false;
  }

  /**
   * Processes the frame that the video shows.
   *
   * @throws what {@link videoBitmap} and the processing throw.
   */
  async follow(request: FrameRequest, signal: AbortSignal | undefined): Promise<FrameAnswer> {
    const { videoWidth, videoHeight } = this.#video;
    const pixels = videoWidth * videoHeight;
    const width = Math.round(videoWidth * Math.sqrt(reducedPixels / pixels));
    const scale = width / videoWidth;
    const frame =
      pixels > maxFramePixels ? await this.#draw(width, Math.round(videoHeight * scale), signal) : undefined;
    if (!frame) return this.#follow(this.#video, request, signal);
    try {
      return scaledAnswer(await this.#follow(frame, scaledRequest(request, scale), signal), 1 / scale);
    } finally {
      frame.close();
    }
  }

  /**
   * Draws the frame that the video shows. createImageBitmap() would copy the whole frame before it reduces it: only the first frame of a
   * source is read with it, because it reports whether there is a picture.
   *
   * @returns undefined if there is no memory for a canvas.
   */
  async #draw(width: number, height: number, signal: AbortSignal | undefined): Promise<ImageBitmap | undefined> {
    this.#canvas ??= new OffscreenCanvas(width, height);
    const canvas = this.#canvas;
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) return undefined;
    const hasPicture = this.#isReadable && this.#video.readyState >= this.#video.HAVE_CURRENT_DATA;
    const first = hasPicture ? undefined : await videoBitmap(this.#video, signal);
    this.#isReadable = true;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.imageSmoothingQuality = 'medium';
    context.drawImage(first ?? this.#video, 0, 0, width, height);
    first?.close();
    return canvas.transferToImageBitmap();
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
  return { ...scaled, quality: scaledQuality(scaled.quality, scale) };
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
