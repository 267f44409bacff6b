import type { Track, TrackSample } from './track.ts';
import type { TrackList } from './track-list.ts';

/** Decides whether two embeddings are of the same person, at a false-accept rate. */
export type SamePerson = (a: Float32Array, b: Float32Array, far: number) => boolean;

/**
 * The false-accept rates of the comparisons. A face that was followed without a gap is very likely the same person, so that it is
 * rejected only at a high distance. A face at another place has no such prior and must be closer.
 */
const falseAcceptRate = { followed: 1e-2, returned: 1e-3 };

/** The share of the best crop quality that a sample needs to contradict a track. Poorer samples differ because they are blurred. */
const minConflictQuality = 0.5;

/** Assigns embedded samples to tracks: finds persons who return after being hidden, and faces that tracks have exchanged. */
export class Reidentification {
  readonly #tracks: TrackList;
  readonly #samePerson: SamePerson;

  constructor(tracks: TrackList, samePerson: SamePerson) {
    this.#tracks = tracks;
    this.#samePerson = samePerson;
  }

  /** Adds the sample of a track's face to the track of the person it shows, which may be another one. */
  assign(track: Track, sample: TrackSample): void {
    if (track.id === undefined && this.#mergeIntoHidden(track, [sample])) return;
    const { template, conflictingSample: previous } = track;
    if (!template || this.#samePerson(template.embedding, sample.embedding, falseAcceptRate.followed)) {
      track.addSample(sample);
      track.uncertain = false;
      track.conflictingSample = undefined;
      return;
    }
    if (sample.cropQuality < track.bestCropQuality * minConflictQuality) return;
    track.uncertain = true;
    track.conflictingSample = sample;
    // A single sample may be wrong. Two that match each other but not the track show another person.
    if (previous && this.#samePerson(previous.embedding, sample.embedding, falseAcceptRate.followed)) {
      this.#separate(track, [previous, sample]);
    }
  }

  /** Handles a track whose face is now another person: exchanged with another track, returned after being hidden, or new. */
  #separate(track: Track, samples: readonly TrackSample[]): void {
    track.conflictingSample = undefined;
    const { face, lastSeen } = track;
    const exchanged = this.#tracks.visible.find((other) => other.uncertain && this.#matches(other, samples));
    if (exchanged) {
      track.moveTo(exchanged.face, exchanged.lastSeen);
      exchanged.moveTo(face, lastSeen);
      for (const sample of samples) exchanged.addSample(sample);
      return;
    }
    track.visible = false;
    const other = this.#tracks.add(face, lastSeen);
    if (this.#mergeIntoHidden(other, samples)) return;
    for (const sample of samples) other.addSample(sample);
  }

  /** Replaces a new track by the hidden track of the same person. @returns whether there is one. */
  #mergeIntoHidden(track: Track, samples: readonly TrackSample[]): boolean {
    const hidden = this.#tracks.hidden.find((candidate) => this.#matches(candidate, samples));
    if (!hidden) return false;
    hidden.moveTo(track.face, track.lastSeen);
    for (const sample of samples) hidden.addSample(sample);
    this.#tracks.remove(track);
    return true;
  }

  /** Whether the newest of the samples, taken at another place, shows the person of a track. */
  #matches({ template }: Track, samples: readonly TrackSample[]): boolean {
    const newest = samples.at(-1);
    if (!template || !newest) return false;
    return this.#samePerson(template.embedding, newest.embedding, falseAcceptRate.returned);
  }
}
