import type { SamePerson } from './same-person.ts';
import type { Track, TrackSample } from './track.ts';
import type { TrackList } from './track-list.ts';

/**
 * The false-accept rates of the comparisons. A face that was followed without a gap is very likely the same person, so that it is
 * rejected only at a high distance. A face at another place has no such prior and must be closer.
 */
const falseAcceptRate = { followed: 1e-2, returned: 1e-3 };

/**
 * The share of the best quality that a sample needs to contradict a track that was followed without a break. Poorer samples differ
 * because they are blurred or turned away.
 */
const minConflictQuality = 0.5;

/** The share of a sample's quality below which all samples of a track are replaced by it. */
const maxReplacedQuality = 0.7;

/** The number of samples that contradict a track but not each other that end it. */
const maxConflicts = 4;

/** Assigns embedded samples to tracks: finds persons who return after being hidden, and tracks whose face is another person. */
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
    const { embedding, continuity } = track;
    const rate = continuity.broken ? falseAcceptRate.returned : falseAcceptRate.followed;
    const same = !embedding || this.#samePerson(embedding, sample, rate);
    // Two poor photos show neither the same person nor another one. A face that was followed without a break is then the same.
    if (same || (same === undefined && !continuity.broken && !track.uncertain)) {
      track.confirm(sample);
      return;
    }
    if (same === undefined) {
      track.doubt();
      return;
    }
    if (!continuity.broken && isPoor(sample, track)) return;
    track.uncertain = true;
    const conflicts = track.contradict(sample);
    // A single sample may be wrong. Two that match each other but not the track show another person.
    const [newest, previous] = [...conflicts].reverse() as [TrackSample, TrackSample?];
    const agree = previous && this.#samePerson(previous, newest, falseAcceptRate.followed);
    if (agree) this.#separate(track, [previous, newest]);
    else if (conflicts.length >= maxConflicts || this.#findExchanged(track, [newest])) this.#separate(track, [newest]);
  }

  /** Handles a track whose face is now another person: exchanged with another track, returned after being hidden, or new. */
  #separate(track: Track, samples: readonly TrackSample[]): void {
    track.forgetConflicts();
    if (!track.continuity.broken && samples.every((sample) => isFarBetter(sample, track))) {
      track.replaceSamples(samples);
      return;
    }
    const { face, lastSeen } = track;
    const exchanged = this.#findExchanged(track, samples);
    if (exchanged) {
      track.moveTo(exchanged.face, exchanged.lastSeen);
      exchanged.moveTo(face, lastSeen);
      [track.continuity.signature, exchanged.continuity.signature] = [
        exchanged.continuity.signature,
        track.continuity.signature,
      ];
      for (const sample of samples) exchanged.confirm(sample);
      return;
    }
    track.visible = false;
    // The last position is that of the other person.
    track.hasPosition = false;
    const other = this.#tracks.add(face, lastSeen);
    other.continuity.signature = track.continuity.signature;
    other.framesSeen = track.framesSeen;
    if (this.#mergeIntoHidden(other, samples)) return;
    for (const sample of samples) other.addSample(sample);
  }

  /** The visible track of another face whose person the samples show, if that track is in doubt too. */
  #findExchanged(track: Track, samples: readonly TrackSample[]): Track | undefined {
    return this.#tracks.visible.find(
      (other) => other !== track && (other.uncertain || other.continuity.broken) && this.#matches(other, samples),
    );
  }

  /** Replaces a new track by the hidden track of the same person. @returns whether there is one. */
  #mergeIntoHidden(track: Track, samples: readonly TrackSample[]): boolean {
    const hidden = this.#tracks.hidden.find((candidate) => this.#matches(candidate, samples));
    if (!hidden) return false;
    hidden.moveTo(track.face, track.lastSeen);
    hidden.continuity.signature = track.continuity.signature;
    for (const sample of samples) hidden.confirm(sample);
    this.#tracks.remove(track);
    return true;
  }

  /** Whether the newest of the samples, taken at another place, shows the person of a track. */
  #matches({ embedding }: Track, samples: readonly TrackSample[]): boolean {
    const newest = samples.at(-1);
    if (!embedding || !newest) return false;
    return this.#samePerson(embedding, newest, falseAcceptRate.returned) === true;
  }
}

/** Whether the quality of a sample is far below that of a track's best sample. */
function isPoor({ cropQuality, quality }: TrackSample, track: Track): boolean {
  const best = Math.max(...track.samples.map((sample) => sample.quality.overall));
  return cropQuality < track.bestCropQuality * minConflictQuality || quality.overall < best * minConflictQuality;
}

/**
 * Whether the quality of a sample is far above that of a track's best sample: a face that was followed without a break is then rather
 * the same person, seen clearly for the first time.
 */
function isFarBetter({ quality }: TrackSample, track: Track): boolean {
  return track.samples.every((sample) => sample.quality.overall < quality.overall * maxReplacedQuality);
}
