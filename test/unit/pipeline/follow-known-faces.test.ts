import { describe, expect, test } from 'vitest';
import type { LandmarkedFace } from '../../../lib/core/types.ts';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import { type KnownFaceFinders, matchKnownFaces } from '../../../lib/pipeline/follow-known-faces.ts';
import { landmarksAt } from '../video/synthetic-video.ts';

/** A face of 100 pixels whose left side is at `x`. */
const faceAt = (x: number): LandmarkedFace => faceOf(landmarksAt(x));

/** Matches the known faces at some positions. @returns where each was found. */
async function match(before: number[], detected: number[], finders: Partial<KnownFaceFinders> = {}) {
  const remaining = detected.map(faceAt);
  const findNear = finders.findNear ?? (async (expected) => expected.map(() => undefined));
  const faces = await matchKnownFaces(before.map(landmarksAt), remaining, { ...finders, findNear });
  const positionOf = (face: LandmarkedFace | undefined) => face?.box.x;
  return { faces: faces.map(positionOf), remaining: remaining.map(positionOf) };
}

/** Follows each face to a position. */
const followTo = (...positions: (number | undefined)[]): NonNullable<KnownFaceFinders['follow']> => {
  return async () => positions.map((x) => (x === undefined ? undefined : faceAt(x)));
};

describe('matchKnownFaces()', () => {
  test('matches known faces with the detected ones that overlap them, and leaves the others', async () => {
    expect(await match([0, 300], [310, 20, 700])).toEqual({ faces: [20, 310], remaining: [700] });
  });

  test('matches a face that is followed too slowly with the detected one that is ahead of it', async () => {
    expect(await match([0], [150], { follow: followTo(60) })).toEqual({ faces: [150], remaining: [] });
    // A face that turned back is behind the place where it was expected.
    expect(await match([300], [110], { follow: followTo(200) })).toEqual({ faces: [110], remaining: [] });
  });

  test('follows a face that is farther from every detected one than its size', async () => {
    expect(await match([0], [250], { follow: followTo(60) })).toEqual({ faces: [60], remaining: [250] });
  });

  test('gives a detected face to the nearest of two that may lag behind it', async () => {
    const { faces, remaining } = await match([0, 400], [200], { follow: followTo(110, 270) });
    expect({ faces, remaining }).toEqual({ faces: [110, 200], remaining: [] });
  });

  test('does not follow a face to another known one', async () => {
    expect(await match([0, 90], [95], { follow: followTo(50) })).toEqual({ faces: [undefined, 95], remaining: [] });
  });

  test('searches a face that was not detected near its place, before it is followed', async () => {
    const near: number[] = [];
    const findNear: KnownFaceFinders['findNear'] = async (expected) => {
      near.push(...expected.map(({ box }) => box.x));
      return expected.map(() => faceAt(45));
    };
    const result = await match([0, 300], [310], { findNear, follow: followTo(10) });
    expect(result).toEqual({ faces: [45, 310], remaining: [] });
    expect(near).toEqual([0]);
  });

  test('finds no face that is neither detected nor followed', async () => {
    expect(await match([0], [])).toEqual({ faces: [undefined], remaining: [] });
    expect(await match([0], [], { follow: followTo(undefined) })).toEqual({ faces: [undefined], remaining: [] });
  });
});
