import { expect, test } from 'vitest';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import type { FollowedFace } from '../../../lib/pipeline/frame.ts';
import { associate } from '../../../lib/video/association.ts';
import { Track } from '../../../lib/video/track.ts';
import { landmarksAt } from './synthetic-video.ts';

const signature = new Uint8Array(192).fill(100);

function lostTrack(x: number, lastSeen: number): Track {
  const track = new Track(faceOf(landmarksAt(x)), lastSeen);
  track.continuity.signature = signature;
  return track;
}

test.each([0, 500, 900])('a face continues the nearest track, lost %d ms before the other one', (age) => {
  const face: FollowedFace = { ...faceOf(landmarksAt(0)), signature, change: undefined };
  const [nearer, farther] = [lostTrack(20, 1000), lostTrack(-30, 1000 - age)];
  expect(associate([face], [farther, nearer], 1033).get(face)).toBe(nearer);
});
