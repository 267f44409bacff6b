import type { LabelledEmbedding } from '../../comparison/compare.ts';
import type { Abortable } from '../../core/types.ts';
import type { SelectionOptions } from '../triplets/selection.ts';
import type { PersonLabel, TripletCounts } from '../triplets/triplets.ts';

/** A training example: an embedding, the model that made it, and the person it shows. */
export interface HeadExample extends LabelledEmbedding {
  /** The person that the face shows. */
  person: PersonLabel;
}

/** A source of training examples; every open `Gallery` is one. */
export interface ExampleSource {
  /**
   * Reads the training examples.
   *
   * @param options a signal that cancels the call.
   */
  examples(options?: Abortable): Promise<readonly HeadExample[]>;
}

/** The loss that training minimises. */
export type HeadLoss = 'triplet' | 'contrastive' | 'large-margin-cosine';

/** Options of {@link trainHead}. */
export interface HeadOptions extends Abortable {
  /** The loss; see `tripletLoss`, `contrastiveLoss` and `largeMarginCosineLoss`. @default 'triplet' */
  loss?: HeadLoss;
  /** Which triplets of a mini-batch the `triplet` loss uses. Default: `all` positives, `semi-hard` negatives. */
  mining?: Pick<SelectionOptions, 'positives' | 'negatives'>;
  /** The margin of the loss, above 0. Default: 0.2 for `triplet`, 1 for `contrastive`, 0.35 for `large-margin-cosine`. */
  margin?: number;
  /** D′, the length of the head's embeddings, an integer from 2 to 1024. Default: the length of the input embeddings. */
  dimension?: number;
  /** The units of a hidden layer in parallel to the linear one, an integer from 0 to 1024. 0 is no hidden layer. @default 0 */
  hidden?: number;
  /** The maximum number of epochs, an integer from 1 to 10,000. @default 100 */
  epochs?: number;
  /** Training stops after this many epochs without improvement on the held-out people. An integer, 1 or more. @default 10 */
  patience?: number;
  /**
   * The share of people held out for early stopping and calibration, 0 to 0.5. With 0, training runs all epochs and the head is
   * not calibrated. At the default, at least two people with two faces are held out.
   *
   * @default 0.2
   */
  heldOut?: number;
  /** The learning rate of Adam, above 0. For a few dozen faces, 0.003 also converges. @default 0.0003 */
  learningRate?: number;
  /** The random seed, an integer. The same seed and examples give the same head. @default 1 */
  seed?: number;
  /** Called after every epoch; `epoch` 0 is the state before training. Default: not called. */
  onEpoch?: (epoch: HeadEpoch) => void;
  /** Whether to compute {@link HeadEpoch.plot}. @default false */
  plot?: boolean;
  /**
   * Whether to train in a module worker, so that the page stays responsive. If no worker can start, training runs on the page
   * in time slices.
   *
   * @default true
   */
  worker?: boolean;
}

/** How well the embeddings separate held-out people. Both figures are independent of the scale of the distances. */
export interface HeadValidation {
  /**
   * d′, the decidability index: the difference between the mean distances of different-person and same-person pairs, in units of
   * their pooled standard deviation. Higher is better. (Daugman, "Biometric decision landscapes", University of Cambridge, 2000)
   */
  decidability: number;
  /** EER, the equal error rate, 0 to 1. Lower is better. */
  equalErrorRate: number;
}

/** The state of training after an epoch. */
export interface HeadEpoch {
  /** The number of epochs trained so far; 0 is the state before training. */
  epoch: number;
  /** The mean loss over the epoch's mini-batches: per triplet, pair or face. */
  loss: number;
  /** The triplets of the epoch's mini-batches. `active` counts those with a non-zero triplet loss. */
  triplets: TripletCounts;
  /** The separation of the held-out people; undefined when nobody is held out. */
  validation: HeadValidation | undefined;
  /**
   * The examples in the plane of their first two principal components: x and y of the first example, of the second, and so on.
   * The plane turns little between epochs. Undefined unless the option `plot` is set.
   */
  plot: Float32Array | undefined;
}

/** A summary of training. */
export interface HeadReport {
  /** The epoch that the head was taken from: the best on the held-out people, or the last when nobody was held out. */
  bestEpoch: number;
  /** The number of epochs trained. */
  epochs: number;
  /** Why training ended: no improvement within `patience` epochs, an epoch with a loss of 0, or all epochs trained. */
  stopped: 'patience' | 'no-loss' | 'epochs';
  /** The people and faces trained on. */
  learned: { people: number; faces: number };
  /** The people and faces held out. */
  heldOut: { people: number; faces: number };
  /** The separation of the held-out people before training; undefined when nobody was held out. */
  before: HeadValidation | undefined;
  /** The separation of the held-out people after training; undefined when nobody was held out. */
  after: HeadValidation | undefined;
}
