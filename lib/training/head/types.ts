import type { LabelledEmbedding } from '../../comparison/compare.ts';
import type { Abortable } from '../../core/types.ts';
import type { SelectionOptions } from '../triplets/selection.ts';
import type { PersonLabel, TripletCounts } from '../triplets/triplets.ts';

/** A face to learn from: its embedding, the model that made it, and whose it is. */
export interface HeadExample extends LabelledEmbedding {
  person: PersonLabel;
}

/** What has faces to learn from; every open `Gallery` is one. */
export interface ExampleSource {
  examples(options?: Abortable): Promise<readonly HeadExample[]>;
}

/** What a head is taught by. */
export type HeadLoss = 'triplet' | 'contrastive' | 'large-margin-cosine';

/** What {@link trainHead} can be told. */
export interface HeadOptions extends Abortable {
  /** What is minimised; see `tripletLoss`, `contrastiveLoss` and `largeMarginCosineLoss`. Default: `triplet`. */
  loss?: HeadLoss;
  /** Which triplets of a mini-batch are learned from, when the loss is `triplet`. Default: all positives, semi-hard negatives. */
  mining?: Pick<SelectionOptions, 'positives' | 'negatives'>;
  /** The loss's margin, above 0. Default: 0.2 of `triplet`, 1 of `contrastive`, 0.35 of `large-margin-cosine`. */
  margin?: number;
  /** D′, how many numbers the head's embeddings have. 2 to 1024, whole. Default: as many as those it learns from. */
  dimension?: number;
  /** The units of a hidden layer beside the linear one. 0 to 1024, whole. Default: 0, none. */
  hidden?: number;
  /** The most epochs, 1 to 10,000, whole. Default: 100. */
  epochs?: number;
  /** After how many epochs that are no better for the held-out people training ends. 1 or more, whole. Default: 10. */
  patience?: number;
  /**
   * The share of people that is held out to tell when to stop, and to calibrate by, 0 to 0.5. With 0 every epoch is trained, and the
   * head is not calibrated. Default: 0.2, of those with two faces at least two people.
   */
  heldOut?: number;
  /** The learning rate of Adam, above 0. Default: 0.0003; a few dozen faces bear ten times as much. */
  learningRate?: number;
  /** What all chance comes from: the same seed gives the same head. A whole number. Default: 1. */
  seed?: number;
  /** Told of every epoch as soon as it ends; `epoch` 0 is the state before the first. */
  onEpoch?: (epoch: HeadEpoch) => void;
  /** Whether {@link HeadEpoch.plot} is made. Default: false. */
  plot?: boolean;
  /** Whether a module worker trains, so that the page never waits. Default: true; where none starts the page does, in slices. */
  worker?: boolean;
}

/** How well held-out people are told apart; independent of how distances are scaled. */
export interface HeadValidation {
  /**
   * d′, the decidability index: how many of their standard deviations the mean distances of pairs of one person and of two are apart.
   * Higher is better. (Daugman, "Biometric decision landscapes", University of Cambridge, 2000)
   */
  decidability: number;
  /** EER, the equal error rate, 0 to 1. Lower is better. */
  equalErrorRate: number;
}

/** How training stands after an epoch. */
export interface HeadEpoch {
  /** Which, from 0: the state before the first. */
  epoch: number;
  /** The mean loss of the epoch's mini-batches: a triplet's, a pair's or a face's. */
  loss: number;
  /** The triplets of the epoch's mini-batches; `active` ones have a loss. */
  triplets: TripletCounts;
  /** How well held-out people are told apart; undefined when nobody is held out. */
  validation: HeadValidation | undefined;
  /**
   * Where each example lies in the plane that the embeddings spread most in: x and y of the first, of the second, and so on. From one
   * epoch to the next the plane turns little. Undefined unless `plot` was asked for.
   */
  plot: Float32Array | undefined;
}

/** How a head was trained. */
export interface HeadReport {
  /** The epoch whose head this is: the best for the held-out people, or the last where nobody was held out. */
  bestEpoch: number;
  /** How many epochs were trained. */
  epochs: number;
  /** Why training ended: the held-out people gained no more, an epoch had no loss left, or all epochs were trained. */
  stopped: 'patience' | 'no-loss' | 'epochs';
  /** How many people and faces were learned from, and how many were held out. */
  learned: { people: number; faces: number };
  heldOut: { people: number; faces: number };
  /** The held-out people before and after training; undefined when nobody was held out. */
  before: HeadValidation | undefined;
  after: HeadValidation | undefined;
}
