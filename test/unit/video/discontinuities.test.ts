import { describe, expect, test } from 'vitest';
import { Discontinuities } from '../../../lib/video/discontinuities.ts';

const streamOf = (id: string) => ({ getVideoTracks: () => [{ id }] }) as unknown as MediaStream;

function fakeVideo(source: MediaStream | null = null) {
  const video = Object.assign(new EventTarget(), { srcObject: source }) as unknown as HTMLVideoElement;
  return { video, discontinuities: new Discontinuities(video) };
}

describe('Discontinuities', () => {
  test.each(['seeked', 'emptied', 'loadstart', 'resize'])('reports "%s" once', (type) => {
    const { video, discontinuities } = fakeVideo();
    expect(discontinuities.take()).toBe(false);
    video.dispatchEvent(new Event(type));
    expect(discontinuities.take()).toBe(true);
    expect(discontinuities.take()).toBe(false);
  });

  test('reports a new source, and another track of the same source', () => {
    const { video, discontinuities } = fakeVideo(streamOf('a'));
    expect(discontinuities.take()).toBe(false);
    video.srcObject = streamOf('b');
    expect([discontinuities.take(), discontinuities.take()]).toEqual([true, false]);
    Object.assign(video.srcObject as object, streamOf('c'));
    expect([discontinuities.take(), discontinuities.take()]).toEqual([true, false]);
  });

  test('ignores events after stop()', () => {
    const { video, discontinuities } = fakeVideo();
    discontinuities.stop();
    video.dispatchEvent(new Event('seeked'));
    expect(discontinuities.take()).toBe(false);
  });
});
