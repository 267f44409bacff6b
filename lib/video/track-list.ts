import { intersectionOverUnion } from '../core/overlap.ts';
import type { Box, LandmarkedFace } from '../core/types.ts';
import { Track } from './track.ts';

/** How long a hidden track is kept, in milliseconds. A face that reappears within this time can get its id back. */
const maxHiddenTime = 3000;

/** How long the last position of a track identifies its face, in milliseconds, until an embedding confirms it. */
export const maxPositionAge = 1000;

/** The intersection over union above which two tracks follow one face. */
const duplicateOverlap = 0.6;

/** The intersection over union above which two tracks may have exchanged their faces. */
const crossingOverlap = 0.2;

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

  /** Removes the tracks that have been hidden too long. */
  removeExpired(now: number): void {
    this.#tracks = this.#tracks.filter(({ visible, lastSeen }) => visible || now - lastSeen < maxHiddenTime);
  }

  /** Removes the newer of two tracks that follow one face, and marks tracks whose faces cross as uncertain. */
  resolveOverlaps(): void {
    const { visible } = this;
    for (const [i, older] of visible.entries()) {
      for (const newer of visible.slice(i + 1)) {
        const overlap = intersectionOverUnion(older.face.box, newer.face.box);
        if (overlap > duplicateOverlap) this.remove(newer);
        else if (overlap > crossingOverlap) older.uncertain = newer.uncertain = true;
      }
    }
  }

  /** The recently hidden track whose last position overlaps most with a box. */
  recentlyHiddenAt(box: Box, now: number): Track | undefined {
    return this.hidden
      .filter(({ lastSeen, hasPosition }) => hasPosition && now - lastSeen < maxPositionAge)
      .map((track) => ({ track, overlap: intersectionOverUnion(track.face.box, box) }))
      .filter(({ overlap }) => overlap > crossingOverlap)
      .sort((a, b) => b.overlap - a.overlap)[0]?.track;
  }

  /** Gives an id to each new track that cannot belong to a hidden person: it was compared with them, or there are none. */
  assignIds(): void {
    for (const track of this.visible) {
      if (track.id !== undefined) continue;
      if (track.samples.length > 0 || this.hidden.length === 0) track.id = this.#nextId++;
    }
  }
}
