import { afterEach, expect, test, vi } from 'vitest';
import type { FollowedFace, FrameAnswer, FrameRequest } from '../../../lib/pipeline/frame.ts';
import { followReduced } from '../../../lib/video/reduced-frame.ts';
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
  return { videoWidth, videoHeight, readyState: 4, HAVE_CURRENT_DATA: 2 } as HTMLVideoElement;
}

/** Answers with a face at a place of the processed frame. */
function followAt(x: number, width: number, height: number) {
  const face: FollowedFace = { ...sampleOf({ x, person: 0 }), signature: new Uint8Array(192), change: undefined };
  const answer: FrameAnswer = { known: [face], found: [], searched: true, width, height, elapsed: {} };
  return vi.fn(async (_frame: unknown, _request: FrameRequest) => answer);
}

test('processes frames of up to 1920 × 1080 pixels as they are', async () => {
  const follow = followAt(300, 1920, 1080);
  const video = videoOf(1920, 1080);
  const answer = await followReduced(video, request, follow, undefined);
  expect(follow.mock.calls[0]?.slice(0, 2)).toEqual([video, request]);
  expect(answer.known[0]?.box.x).toBe(300);
});

test('reduces larger frames to 1280 × 720 pixels, and converts positions', async () => {
  const frame = { close: vi.fn() };
  const sizes: number[][] = [];
  class Canvas {
    constructor(width: number, height: number) {
      sizes.push([width, height]);
    }
    getContext = () => ({ drawImage: () => {} });
    transferToImageBitmap = () => frame;
  }
  vi.stubGlobal('OffscreenCanvas', Canvas);
  const follow = followAt(100, 1280, 720);
  const answer = await followReduced(videoOf(3840, 2160), request, follow, undefined);
  expect(sizes).toEqual([[1280, 720]]);
  const [processed, sent] = follow.mock.calls[0] as [unknown, FrameRequest];
  expect(processed).toBe(frame);
  expect(sent.known[0]?.landmarks.points[0]?.x).toBeCloseTo(100, 6);
  expect(sent.search?.minSize).toEqual({ pixels: 10, share: 0.1 });
  expect(answer.known[0]?.box).toEqual({ x: 300, y: 0, width: 300, height: 300 });
  expect((answer.known[0] as ReturnType<typeof sampleOf>).quality.eyeDistance).toBeCloseTo(120, 6);
  expect([answer.width, answer.height]).toEqual([3840, 2160]);
  expect(frame.close).toHaveBeenCalledOnce();
});
