import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { VideoFrames } from '../../../lib/video/frames.ts';
import { FakeVideo, type Track } from './fake-video.ts';

let video: FakeVideo;
let tracks: Track[];
let left: AbortController;
/** The events so far, each with its time in milliseconds. */
let events: [string, number][];
let start: number;

beforeEach(() => {
  vi.useFakeTimers();
  video = new FakeVideo();
  tracks = [{ readyState: 'live', muted: false }];
  left = new AbortController();
  events = [];
  start = Date.now();
});
afterEach(async () => {
  left.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Collects the events of the video until its end. */
async function collect(): Promise<void> {
  const disposed = new AbortController().signal;
  const frames = new VideoFrames(video.element, { disposed, left: left.signal });
  for (;;) {
    const event = await frames.next();
    if (event === 'ended') return;
    events.push([event, Date.now() - start]);
  }
}

/** Plays a stream of the tracks, with frames in each period. */
function playStream(): void {
  video.srcObject = { getVideoTracks: () => tracks };
  collect();
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

/** Presents frames for some time. */
async function present(milliseconds: number, interval = 50): Promise<void> {
  for (let time = 0; time < milliseconds; time += interval) {
    video.present();
    await pass(interval);
  }
}

/** The kinds of the events, each run of equal ones once. */
const kinds = () => events.map(([kind]) => kind).filter((kind, i, all) => kind !== all[i - 1]);

describe('VideoFrames reports that it waits', () => {
  test('when the stream has no live track for 300 ms, once', async () => {
    playStream();
    await present(500);
    tracks = [{ readyState: 'ended', muted: false }];
    await pass(299);
    expect(kinds()).toEqual(['frame']);
    await pass(10_000);
    expect(events.at(-1)?.[0]).toBe('waiting');
    expect(events.at(-1)?.[1]).toBeLessThanOrEqual(900);
    expect(kinds()).toEqual(['frame', 'waiting']);
  });

  test('when all tracks are muted for a second, until a frame comes', async () => {
    playStream();
    await present(500);
    tracks = [
      { readyState: 'live', muted: true },
      { readyState: 'ended', muted: false },
    ];
    await pass(900);
    expect(kinds()).toEqual(['frame']);
    await pass(200);
    expect(kinds()).toEqual(['frame', 'waiting']);
    await pass(60_000);
    expect(events.filter(([kind]) => kind === 'waiting')).toHaveLength(1);
    tracks = [{ readyState: 'live', muted: false }];
    await present(200);
    expect(kinds()).toEqual(['frame', 'waiting', 'frame']);
  });

  test('when a video that never plays has shown nothing for three seconds', async () => {
    video.paused = true;
    playStream();
    await pass(2900);
    expect(events).toEqual([]);
    await pass(60_000);
    expect(events).toEqual([['waiting', 3000]]);
  });

  test('when a playing film shows no frame for three seconds, each time', async () => {
    collect();
    await present(500);
    await pass(4000);
    await present(500);
    await pass(4000);
    expect(kinds()).toEqual(['frame', 'waiting', 'frame', 'waiting']);
  });

  test('when the video of a stream is paused', async () => {
    playStream();
    await present(500);
    video.paused = true;
    await pass(4000);
    expect(kinds()).toEqual(['frame', 'waiting']);
  });

  test('once more when the source of a silent video is lost', async () => {
    playStream();
    await present(500);
    await pass(4000);
    tracks = [];
    await pass(60_000);
    expect(events.slice(-2).map(([kind]) => kind)).toEqual(['waiting', 'waiting']);
    expect(events.filter(([kind]) => kind === 'waiting')).toHaveLength(2);
  });
});

describe('VideoFrames does not report that it waits', () => {
  test('when a film is paused at a picture', async () => {
    collect();
    await present(500);
    video.paused = true;
    await pass(60_000);
    expect(kinds()).toEqual(['frame']);
  });

  test('in a video of one frame a second that the browser mutes in between', async () => {
    playStream();
    const timer = setInterval(() => {
      for (const track of tracks) track.muted = !track.muted;
    }, 500);
    await present(20_000, 1000);
    clearInterval(timer);
    expect(kinds()).toEqual(['frame']);
  });

  test('when one of two tracks is muted', async () => {
    playStream();
    tracks.push({ readyState: 'live', muted: true });
    await present(2000);
    await pass(2500);
    expect(kinds()).toEqual(['frame']);
  });
});
