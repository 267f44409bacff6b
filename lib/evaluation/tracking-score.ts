import { checkedNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import { intersectionOverUnion } from '../core/overlap.ts';
import type { Box } from '../core/types.ts';
import { bestAssignment } from './assignment.ts';

/** A box of one frame and the face that it shows. */
export interface IdentifiedBox {
  /** The number or the name of the face. */
  id: number | string;
  /** In pixels of the frame. */
  box: Box;
}

/** A face of one frame, as annotated. */
export interface TrueBox extends IdentifiedBox {
  /** Neither required nor counted as false, for example because the face is covered. @default false */
  ignored?: boolean;
}

/** One frame: the true faces, and the faces that a tracker reported. */
export interface ScoredFrame {
  /** The faces that the frame shows. */
  truth: readonly TrueBox[];
  /** The faces that the tracker reported. */
  tracked: readonly IdentifiedBox[];
}

/** Options of {@link trackingScore}. */
export interface TrackingScoreOptions {
  /** The minimum intersection over union of a true and a tracked box that match, above 0 to 1. @default 0.5 */
  minOverlap?: number;
}

/** How well the faces of a video were tracked. */
export interface TrackingScore {
  /**
   * The F1 score of the identities, 0 to 1: the share of boxes with the right id, for the assignment of tracked ids to true ids that is
   * best over the whole video. (Ristani et al., "Performance measures and a data set for multi-target, multi-camera tracking", ECCV
   * workshops 2016)
   */
  idf1: number;
  /**
   * The multiple object tracking accuracy, at most 1 and possibly negative: 1 − (misses + false boxes + switches) / true boxes.
   * (Bernardin and Stiefelhagen, "Evaluating multiple object tracking performance: the CLEAR MOT metrics", EURASIP JIVP 2008)
   */
  mota: number;
  /** How often a face was tracked under another id than when it was last tracked. */
  switches: number;
  /** How often a face was tracked again after frames in which it was missed. */
  fragments: number;
  /** The number of tracked ids that show no true face in more than half of their boxes. */
  falseTracks: number;
  /** The number of true boxes. */
  trueBoxes: number;
  /** The number of true boxes without a tracked box. */
  misses: number;
  /** The number of tracked boxes without a true box. */
  falseBoxes: number;
}

/**
 * Scores the tracking of a video against its true faces.
 *
 * @param frames the frames of one video, in order.
 * @param options the minimum overlap of boxes that match.
 * @throws {FaceNetError} `option-invalid` for a `minOverlap` outside its range.
 *
 * @example
 * const box = { x: 100, y: 80, width: 60, height: 60 };
 * const frame = { truth: [{ id: 'Ada', box }], tracked: [{ id: 1, box }] };
 * const { idf1, mota, switches } = trackingScore([frame, frame]);
 * show(idf1, mota, switches); // 1, 1, 0
 */
export function trackingScore(frames: readonly ScoredFrame[], options: TrackingScoreOptions = {}): TrackingScore {
  const { minOverlap = 0.5 } = checkedNames(options, { minOverlap: true });
  if (!(minOverlap > 0 && minOverlap <= 1)) {
    throw new FaceNetError('option-invalid', `minOverlap is ${minOverlap}: use a number above 0, at most 1.`);
  }
  const matcher = new FrameMatcher(minOverlap);
  const counted = frames.map((frame) => matcher.match(frame));
  const { switches, fragments } = matcher;
  const sum = (of: (frame: CountedFrame) => number) => counted.reduce((total, frame) => total + of(frame), 0);
  const trueBoxes = sum(({ truth }) => truth.length);
  const trackedBoxes = sum(({ tracked }) => tracked.length);
  const matches = sum(({ matched }) => matched.size);
  const [misses, falseBoxes] = [trueBoxes - matches, trackedBoxes - matches];
  return {
    idf1: trueBoxes + trackedBoxes === 0 ? 1 : (2 * identityMatches(counted, minOverlap)) / (trueBoxes + trackedBoxes),
    mota: trueBoxes === 0 ? Number.NaN : 1 - (misses + falseBoxes + switches) / trueBoxes,
    ...{ switches, fragments, falseTracks: countFalseTracks(counted), trueBoxes, misses, falseBoxes },
  };
}

/** A frame without its ignored faces and the boxes that show them. */
interface CountedFrame {
  truth: readonly TrueBox[];
  tracked: readonly IdentifiedBox[];
  /** The tracked box of each true box that has one. */
  matched: Map<TrueBox, IdentifiedBox>;
}

/** Matches true and tracked boxes frame by frame. A match of the previous frame is kept as long as the boxes overlap enough. */
class FrameMatcher {
  switches = 0;
  fragments = 0;
  readonly #minOverlap: number;
  /** The tracked id that each true id last had, and whether that was in the previous frame. */
  readonly #last = new Map<TrueBox['id'], { id: IdentifiedBox['id']; missed: boolean }>();

  constructor(minOverlap: number) {
    this.#minOverlap = minOverlap;
  }

  match({ truth, tracked }: ScoredFrame): CountedFrame {
    const matched = this.#matchBoxes(truth, tracked);
    const ignored = new Set(truth.filter((face) => face.ignored));
    const dropped = new Set([...ignored].map((face) => matched.get(face)));
    for (const face of ignored) matched.delete(face);
    for (const face of truth) if (!face.ignored) this.#count(face, matched.get(face));
    return {
      truth: truth.filter((face) => !ignored.has(face)),
      tracked: tracked.filter((box) => !dropped.has(box)),
      matched,
    };
  }

  #matchBoxes(truth: readonly TrueBox[], tracked: readonly IdentifiedBox[]): Map<TrueBox, IdentifiedBox> {
    const overlapOf = (face: TrueBox, box: IdentifiedBox) => {
      const overlap = intersectionOverUnion(face.box, box.box);
      if (overlap < this.#minOverlap) return 0;
      // Larger than any sum of overlaps: faces that are not ignored come first, and matches of the previous frame before others.
      const kept = this.#last.get(face.id)?.id === box.id ? truth.length : 0;
      return overlap + kept + (face.ignored ? 0 : truth.length * 2);
    };
    const weights = truth.map((face) => tracked.map((box) => overlapOf(face, box)));
    const matched = new Map<TrueBox, IdentifiedBox>();
    for (const [i, column] of bestAssignment(weights).entries()) {
      if (column === undefined || !(weights[i] as number[])[column]) continue;
      matched.set(truth[i] as TrueBox, tracked[column] as IdentifiedBox);
    }
    return matched;
  }

  #count({ id }: TrueBox, box: IdentifiedBox | undefined): void {
    const last = this.#last.get(id);
    if (!box) {
      if (last) last.missed = true;
      return;
    }
    if (last && last.id !== box.id) this.switches++;
    if (last?.missed) this.fragments++;
    this.#last.set(id, { id: box.id, missed: false });
  }
}

/** The number of boxes with the right id, for the best assignment of tracked ids to true ids over all frames. */
function identityMatches(frames: readonly CountedFrame[], minOverlap: number): number {
  const trueIds = [...new Set(frames.flatMap(({ truth }) => truth.map(({ id }) => id)))];
  const trackedIds = [...new Set(frames.flatMap(({ tracked }) => tracked.map(({ id }) => id)))];
  const counts = trueIds.map(() => trackedIds.map(() => 0));
  for (const { truth, tracked } of frames) {
    for (const face of truth) {
      for (const box of tracked) {
        if (intersectionOverUnion(face.box, box.box) < minOverlap) continue;
        const row = counts[trueIds.indexOf(face.id)] as number[];
        const column = trackedIds.indexOf(box.id);
        row[column] = (row[column] as number) + 1;
      }
    }
  }
  return bestAssignment(counts).reduce<number>(
    (sum, column, row) => sum + (column === undefined ? 0 : ((counts[row] as number[])[column] as number)),
    0,
  );
}

function countFalseTracks(frames: readonly CountedFrame[]): number {
  const boxes = new Map<IdentifiedBox['id'], { all: number; matched: number }>();
  for (const { tracked, matched } of frames) {
    const shown = new Set(matched.values());
    for (const box of tracked) {
      const counts = boxes.get(box.id) ?? { all: 0, matched: 0 };
      counts.all++;
      if (shown.has(box)) counts.matched++;
      boxes.set(box.id, counts);
    }
  }
  return [...boxes.values()].filter(({ all, matched }) => matched * 2 < all).length;
}
