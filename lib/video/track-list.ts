import { intersectionOverUnion } from '../core/overlap.ts';
import type { Box, LandmarkedFace } from '../core/types.ts';
import { Track } from './track.ts';

/**
 * How long a hidden track is kept, in milliseconds, and in frames if they are slow. A face that reappears within this time can get its id
 * back.
 */
const maxHiddenTime = 3000;
const maxHiddenFrames = 5;

/** How long the last position of a track identifies its face, in milliseconds, until an embedding confirms it. */
export const maxPositionAge = 1000;

/** The intersection over union above which two tracks follow one face. */
const duplicateOverlap = 0.6;

/** The intersection over union above which two tracks may have exchanged their faces. */
const crossingOverlap = 0.2;

/** The number of frames that must show a face before it gets an id: false detections are rarely followed. */
const minFrames = 2;

/** How long a face that is cut off or overlaps another waits for an id, in milliseconds. */
const maxDoubtfulTime = 700;

/** The share of a face that may be outside the frame. */
const edgeMargin = 0.05;

/** The tracks of a video: the visible faces, and the faces that were visible a short time ago. */
export class TrackList {
  #tracks: Track[] = [];
  #nextId = 0;

  get visible(): Track[] {
    return this.#tracks.filter(({ visible }) => visible);
  }

  /** The hidden tracks that can be recognised by their samples. */
  get hidden(): Track[] {
    return this.#tracks.filter(({ visible, samples }) => !visible && samples.length > 0);
  }

  /** Starts a track of a face that was first seen now. */
  add(face: LandmarkedFace, now: number): Track {
    const track = new Track(face, now);
    this.#tracks.push(track);
    return track;
  }

  remove(track: Track): void {
    this.#tracks = this.#tracks.filter((other) => other !== track);
  }

  /**
   * Removes the tracks that have been hidden too long.
   *
   * @param frameInterval the time since the last frame, in milliseconds.
   */
  removeExpired(now: number, frameInterval: number): void {
    const limit = Math.max(maxHiddenTime, maxHiddenFrames * frameInterval);
    this.#tracks = this.#tracks.filter(({ visible, lastSeen }) => visible || now - lastSeen < limit);
  }

  /**
   * Ends the newer of two tracks that follow one face, and marks tracks whose faces cross as uncertain. A track that has samples is
   * hidden: its face may be behind the other and return.
   */
  resolveOverlaps(): void {
    const { visible } = this;
    for (const [i, older] of visible.entries()) {
      for (const newer of visible.slice(i + 1)) {
        const overlap = intersectionOverUnion(older.face.box, newer.face.box);
        if (overlap > duplicateOverlap && older.visible && newer.visible) {
          newer.visible = false;
          if (newer.samples.length === 0) this.remove(newer);
          older.uncertain = true;
        } else if (overlap > crossingOverlap) older.uncertain = newer.uncertain = true;
      }
    }
  }

  /** Makes the last position of every track void, also of tracks without samples. */
  voidPositions(): void {
    for (const track of this.#tracks) track.hasPosition = false;
  }

  /** The tracks that were hidden a moment ago, whose last position still counts. */
  recentlyHidden(now: number): Track[] {
    return this.#tracks.filter(
      ({ visible, lastSeen, hasPosition }) => !visible && hasPosition && now - lastSeen < maxPositionAge,
    );
  }

  /**
   * Gives an id to each new track that was seen in several frames and cannot belong to a hidden person: it was compared with them, or
   * there are none. Faces that are cut off by the edge of the frame, or overlap another, wait: they may be another track's.
   */
  assignIds(frame: { width: number; height: number }, now: number): void {
    const { visible } = this;
    for (const track of visible) {
      if (track.id !== undefined || track.framesSeen < minFrames) continue;
      if (track.samples.length === 0 && this.hidden.length > 0) continue;
      const isDoubtful = isCutOff(track.face.box, frame) || visible.some((other) => isOlderAndNear(other, track));
      if (!isDoubtful || now - track.firstSeen >= maxDoubtfulTime) track.id = this.#nextId++;
    }
  }
}

/** Whether a part of a box is outside the frame. */
function isCutOff({ x, y, width, height }: Box, frame: { width: number; height: number }): boolean {
  const margin = edgeMargin * Math.max(width, height);
  return x < -margin || y < -margin || x + width > frame.width + margin || y + height > frame.height + margin;
}

/** Whether another track has an id already and overlaps a new one. */
function isOlderAndNear(other: Track, track: Track): boolean {
  return other.id !== undefined && intersectionOverUnion(other.face.box, track.face.box) > crossingOverlap;
}
