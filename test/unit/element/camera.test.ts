import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openCamera, recogniseVideo } from '../../../lib/element/camera.ts';
import { type Recognition, withFaceNet } from '../../../lib/element/recognition.ts';
import { english } from '../../../lib/element/texts.ts';
import type { FaceNet } from '../../../lib/index.ts';

/** Never settles, as a permission prompt that nobody answers. */
const never = new Promise<never>(() => {});

let play: () => Promise<void>;
let getUserMedia: () => Promise<unknown>;
let track: { readyState: string; stop(): void };
let disposals: number;
let facenet: FaceNet;
let run: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  track = {
    readyState: 'live',
    stop() {
      track.readyState = 'ended';
    },
  };
  disposals = 0;
  facenet = { dispose: async () => void disposals++ } as unknown as FaceNet;
  run = new AbortController();
  play = async () => {};
  getUserMedia = async () => ({ getTracks: () => [track] });
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => getUserMedia() } });
  vi.stubGlobal('document', { createElement: () => ({ play: () => play() }) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Opens the camera as the element does. @returns the error; undefined while it waits, or if there is none. */
function start(): { error?: unknown; played: boolean } {
  const outcome: { error?: unknown; played: boolean } = { played: false };
  withFaceNet(Promise.resolve(facenet), openCamera('camera', run.signal), async () => {
    outcome.played = true;
  }).catch((error) => {
    outcome.error = error;
  });
  return outcome;
}

describe('the camera of the element', () => {
  test('plays, and stops on an abort', async () => {
    const outcome = start();
    await vi.advanceTimersByTimeAsync(0);
    expect([outcome.played, track.readyState, disposals]).toEqual([true, 'live', 1]);
    run.abort();
    expect([track.readyState, vi.getTimerCount()]).toEqual(['ended', 0]);
  });

  test('without a picture is video-not-ready after ten seconds, and disposes the FaceNet', async () => {
    play = () => never;
    const outcome = start();
    await vi.advanceTimersByTimeAsync(9000);
    expect([outcome.error, disposals]).toEqual([undefined, 0]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(outcome.error).toMatchObject({ code: 'video-not-ready' });
    expect([disposals, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test.each<[string, () => void]>([
    [
      'the browser asks for the permission',
      () => {
        getUserMedia = () => never;
      },
    ],
    [
      'the first picture is awaited',
      () => {
        play = () => never;
      },
    ],
  ])('disposes the FaceNet when it is aborted while %s', async (_, prepare) => {
    prepare();
    const outcome = start();
    await vi.advanceTimersByTimeAsync(1000);
    run.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome).toEqual({ played: false, error: run.signal.reason });
    expect([disposals, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test('stops a camera that the user allows after the abort', async () => {
    let allow = (_: unknown) => {};
    getUserMedia = () =>
      new Promise((resolve) => {
        allow = resolve;
      });
    start();
    run.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(disposals).toBe(1);
    allow({ getTracks: () => [track] });
    await vi.advanceTimersByTimeAsync(0);
    expect(track.readyState).toBe('ended');
  });
});

describe('the element while its camera sends no picture', () => {
  /** Runs the element on frames with these states, and the states of the camera's track then. */
  async function states(...frames: ['live' | 'waiting', 'live' | 'ended'][]): Promise<string[]> {
    const seen: string[] = [];
    const source = { getVideoTracks: () => [track] };
    const watch = async function* () {
      for (const [state, readyState] of frames) {
        track.readyState = readyState;
        yield { state, faces: [] };
      }
      seen.push('end of the frames');
    };
    const view = { show() {}, mark() {}, setStatus: (text: string) => seen.push(text) };
    const recognition = { facenet: { watch }, view, dispatch() {}, texts: english } as unknown as Recognition;
    await recogniseVideo({ srcObject: source } as unknown as HTMLVideoElement, recognition, run.signal);
    return seen;
  }

  test('says so, and goes on with the next picture', async () => {
    expect(await states(['live', 'live'], ['waiting', 'live'], ['live', 'live'])).toEqual([
      'no faces',
      english.noPicture,
      'no faces',
      'end of the frames',
    ]);
  });

  test('ends when the camera has ended, also after such a wait', async () => {
    expect(await states(['live', 'live'], ['waiting', 'ended'], ['live', 'live'])).toEqual(['no faces']);
    expect(await states(['waiting', 'live'], ['waiting', 'ended'], ['live', 'live'])).toEqual([english.noPicture]);
  });
});
