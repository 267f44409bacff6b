import { afterEach, expect, test, vi } from 'vitest';
import type { FollowedFace, FrameAnswer, FrameRequest } from '../../../lib/pipeline/frame.ts';
import { scaledQuality } from '../../../lib/quality/scaled-quality.ts';
import { FrameReducer } from '../../../lib/video/reduced-frame.ts';
import { landmarksAt, sampleOf } from './synthetic-video.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const limits = { minScore: 0.5, maxFaces: 9, thorough: false, minSize: { pixels: 30, share: 0.1 } };
const request: FrameRequest = {
  known: [{ landmarks: landmarksAt(300), embedAbove: 0, verify: false, signature: undefined, maxChange: 8 }],
  search: limits,
};

function videoOf(videoWidth: number, videoHeight: number): HTMLVideoElement {
  return {
    ...{ videoWidth, videoHeight, readyState: 4, HAVE_CURRENT_DATA: 2, error: null, networkState: 1, NETWORK_EMPTY: 0 },
  } as HTMLVideoElement;
}

/** Answers with a face at a place of the processed frame. */
function followAt(x: number, width: number, height: number) {
  const face: FollowedFace = { ...sampleOf({ x, person: 0 }), signature: new Uint8Array(192), change: undefined };
  const answer: FrameAnswer = { known: [face], found: [], searched: true, width, height, elapsed: {} };
  return vi.fn(async (_frame: unknown, _request: FrameRequest) => answer);
}

/** Stubs the browser's canvas and createImageBitmap(), which fails as often as told. */
function stubDrawing({ failures = 0, hasContext = true } = {}) {
  const frame = { close: vi.fn() };
  const picture = { close: vi.fn() };
  const canvases: number[][] = [];
  const drawn: unknown[] = [];
  class Canvas {
    readonly width: number;
    readonly height: number;
    constructor(width: number, height: number) {
      this.width = width;
      this.height = height;
      canvases.push([width, height]);
    }
    getContext = () => (hasContext ? { drawImage: (source: unknown) => drawn.push(source) } : null);
    transferToImageBitmap = () => frame;
  }
  let attempts = 0;
  vi.stubGlobal('OffscreenCanvas', Canvas);
  vi.stubGlobal('createImageBitmap', async () => {
    if (attempts++ < failures) throw new DOMException('No picture.', 'InvalidStateError');
    return picture;
  });
  return { frame, picture, canvases, drawn };
}

test('processes frames of up to 1920 × 1080 pixels as they are', async () => {
  const follow = followAt(300, 1920, 1080);
  const video = videoOf(1920, 1080);
  const answer = await new FrameReducer(video, follow).follow(request, undefined);
  expect(follow.mock.calls[0]?.slice(0, 2)).toEqual([video, request]);
  expect(answer.known[0]?.box.x).toBe(300);
});

test('reduces larger frames to 1280 × 720 pixels, and converts positions', async () => {
  const { frame, canvases } = stubDrawing();
  const follow = followAt(100, 1280, 720);
  const answer = await new FrameReducer(videoOf(3840, 2160), follow).follow(request, undefined);
  expect(canvases).toEqual([[1280, 720]]);
  const [processed, sent] = follow.mock.calls[0] as [unknown, FrameRequest];
  expect(processed).toBe(frame);
  expect(sent.known[0]?.landmarks.points[0]?.x).toBeCloseTo(100, 6);
  expect(sent.search?.minSize).toEqual({ pixels: 10, share: 0.1 });
  expect(answer.known[0]?.box).toEqual({ x: 300, y: 0, width: 300, height: 300 });
  expect((answer.known[0] as ReturnType<typeof sampleOf>).quality.eyeDistance).toBeCloseTo(120, 6);
  expect([answer.width, answer.height]).toEqual([3840, 2160]);
  expect(frame.close).toHaveBeenCalledOnce();
});

test('waits for the first picture of each source, and then draws the video on one canvas', async () => {
  const { picture, canvases, drawn } = stubDrawing({ failures: 2 });
  const video = videoOf(3840, 2160);
  const reducer = new FrameReducer(video, followAt(100, 1280, 720));
  for (let i = 0; i < 2; i++) await reducer.follow(request, undefined);
  expect(drawn).toEqual([picture, video]);
  reducer.restart();
  await reducer.follow(request, undefined);
  expect(drawn).toEqual([picture, video, picture]);
  expect(picture.close).toHaveBeenCalledTimes(2);
  expect(canvases).toHaveLength(1);
});

test('processes the whole frame if there is no memory for a canvas', async () => {
  stubDrawing({ hasContext: false });
  const follow = followAt(300, 3840, 2160);
  const video = videoOf(3840, 2160);
  await new FrameReducer(video, follow).follow(request, undefined);
  expect(follow.mock.calls[0]?.slice(0, 2)).toEqual([video, request]);
});

test('rates the distance between the eyes in pixels of the video', () => {
  const { quality } = sampleOf({ x: 0, person: 0 });
  const components = {
    interEyeDistance: { value: 30, score: 12, advice: 'move-closer' },
    headSize: { value: 0.3, score: 50 },
  } as const;
  const scaled = scaledQuality({ ...quality, components }, 3);
  expect(scaled.components).toEqual({ interEyeDistance: { value: 90, score: 73 }, headSize: components.headSize });
  expect(scaledQuality(quality, 3).components).toEqual({});
});
