import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CameraOptions, type CameraState, useCamera } from '../../../lib/react/index.ts';

/** React for a component that is rendered once: an effect runs at once, and its states are recorded. */
const component = vi.hoisted(() => ({
  video: undefined as unknown,
  states: [] as unknown[],
  unmount: () => {},
}));
vi.mock('react', () => ({
  useRef: (current: unknown) => ({ current: current ?? component.video }),
  useState: (state: unknown) => [state, (next: unknown) => component.states.push(next)],
  useEffect: (effect: () => (() => void) | undefined) => {
    component.unmount = effect() ?? (() => {});
  },
}));

class Track extends EventTarget {
  readyState = 'live';
  stop() {
    this.readyState = 'ended';
  }
}

let track: Track;
let requests: number;
const video = { srcObject: null as unknown, async play() {} };
const latest = () => component.states.at(-1) as Omit<CameraState, 'video'>;

function Camera(options: CameraOptions = {}): void {
  useCamera(options);
}

beforeEach(() => {
  track = new Track();
  requests = 0;
  Object.assign(video, { srcObject: null });
  Object.assign(component, { video, states: [] });
  const getUserMedia = async () => {
    requests++;
    return { getTracks: () => [track] };
  };
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('useCamera()', () => {
  test('plays until the component is unmounted, and stops the camera then', async () => {
    Camera();
    await vi.waitFor(() => expect(latest()).toEqual({ playing: true, error: undefined }));
    component.unmount();
    expect(latest()).toEqual({ playing: false, error: undefined });
    expect([track.readyState, video.srcObject]).toEqual(['ended', null]);
  });

  test('without a <video> is option-invalid, and does not ask for the camera', async () => {
    component.video = null;
    Camera();
    await vi.waitFor(() => expect(latest()).toMatchObject({ playing: false, error: { code: 'option-invalid' } }));
    expect(requests).toBe(0);
  });

  test('reports a camera that was unplugged, and frees it', async () => {
    Camera();
    await vi.waitFor(() => expect(latest()?.playing).toBe(true));
    track.dispatchEvent(new Event('ended'));
    expect(latest()).toMatchObject({ playing: false, error: { code: 'video-not-ready' } });
    expect([track.readyState, video.srcObject]).toEqual(['ended', null]);
  });

  test('stops a camera that the user allows after the component was unmounted', async () => {
    Camera();
    component.unmount();
    await vi.waitFor(() => expect(track.readyState).toBe('ended'));
    expect(component.states).toEqual([{ playing: false, error: undefined }]);
    expect(video.srcObject).toBeNull();
  });

  test('reports a camera that shows no picture within ten seconds, and frees it', async () => {
    vi.useFakeTimers();
    component.video = { ...video, play: () => new Promise(() => {}) };
    Camera();
    await vi.advanceTimersByTimeAsync(9000);
    expect(component.states).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(latest()).toMatchObject({ playing: false, error: { code: 'video-not-ready' } });
    expect([track.readyState, vi.getTimerCount()]).toEqual(['ended', 0]);
  });

  test('ends the wait for a picture when the component is unmounted', async () => {
    vi.useFakeTimers();
    const waiting = { ...video, play: () => new Promise(() => {}) };
    component.video = waiting;
    Camera();
    await vi.advanceTimersByTimeAsync(1000);
    component.unmount();
    await vi.advanceTimersByTimeAsync(0);
    expect(component.states).toEqual([{ playing: false, error: undefined }]);
    expect([track.readyState, waiting.srcObject, vi.getTimerCount()]).toEqual(['ended', null, 0]);
  });

  test('frees the camera when the video cannot play', async () => {
    const refusal = new DOMException('The play() request was refused.', 'NotAllowedError');
    component.video = { ...video, play: () => Promise.reject(refusal) };
    Camera();
    await vi.waitFor(() => expect(latest()).toEqual({ playing: false, error: refusal }));
    expect(track.readyState).toBe('ended');
  });
});
