import { expect, test } from 'vitest';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import { Track } from '../../../lib/video/track.ts';
import { landmarksAt, sampleOf } from './synthetic-video.ts';

test('a template is the L2-normalised mean of the samples, weighted by quality', () => {
  const track = new Track(faceOf(landmarksAt(0)), 0);
  track.addSample(sampleOf({ x: 0, person: 0, quality: 0.9 }));
  track.addSample(sampleOf({ x: 0, person: 1, quality: 0.3 }));
  const { embedding, frames } = track.embedding as NonNullable<Track['embedding']>;
  expect((embedding[0] as number) / (embedding[1] as number)).toBeCloseTo(3, 5);
  expect(Math.hypot(...embedding)).toBeCloseTo(1, 6);
  expect(frames).toBe(2);
});

test('a track keeps the eight best samples', () => {
  const track = new Track(faceOf(landmarksAt(0)), 0);
  for (const quality of [0.5, 0.1, 0.6, 0.7, 0.8, 0.9, 0.4, 0.3, 0.2]) {
    track.addSample(sampleOf({ x: 0, person: 0, quality }));
  }
  expect(track.samples.map(({ quality }) => quality.overall)).toEqual([0.5, 0.6, 0.7, 0.8, 0.9, 0.4, 0.3, 0.2]);
});

test('a sample of one crop is in the template only until there is another', () => {
  const track = new Track(faceOf(landmarksAt(0)), 0);
  const oneCrop = { ...sampleOf({ x: 0, person: 1, quality: 0.9 }), oneCrop: true };
  track.addSample(oneCrop);
  expect(track.embedding?.embedding[1]).toBe(1);
  const sample = sampleOf({ x: 0, person: 0, quality: 0.3 });
  track.addSample(sample);
  track.addSample(oneCrop);
  expect(track.samples).toEqual([sample]);
  track.replaceSamples([oneCrop, sample]);
  expect(track.samples).toEqual([sample]);
});
