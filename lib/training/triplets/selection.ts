import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { seeded } from '../../core/random.ts';
import type { Abortable } from '../../core/types.ts';
import {
  checkLabelled,
  checkMargin,
  isSemiHard,
  type PersonLabel,
  type Surroundings,
  surroundings,
  type Triplet,
} from './triplets.ts';

/** Which triplets are selected. */
export interface SelectionOptions {
  /**
   * Which positives an anchor is shown with: `all`, which the FaceNet paper found to be more stable inside a mini-batch, or the
   * `hardest`, argmax ‖a − p‖². Default: `all`.
   */
  positives?: 'all' | 'hardest';
  /**
   * Which negative each anchor and positive are shown with: the `hardest`, argmin ‖a − n‖²; the nearest that is `semi-hard`,
   * ‖a − p‖² < ‖a − n‖² < ‖a − p‖² + α; or a `random` one. Default: `semi-hard`.
   */
  negatives?: 'hardest' | 'semi-hard' | 'random';
  /** α, a squared distance, above 0, for semi-hard negatives. Default: 0.2, the paper's. */
  margin?: number;
  /** Where random negatives come from: numbers from 0 to 1, without 1. Default: the same ones each time. */
  random?: () => number;
}

/** What {@link OfflineSelection} can be told. */
export interface OfflineOptions extends SelectionOptions {
  /** After so many steps the triplets are selected anew. 1 or more, whole. */
  every: number;
}

/** Embeds the whole set with the network as it is now. */
export type EmbedAll = (signal: AbortSignal | undefined) => Promise<readonly Float32Array[]>;

/**
 * Selects triplets online: inside one mini-batch, from its own embeddings (FaceNet paper, arXiv 1503.03832, section 3.2).
 * Where several are equally far the first is taken. An anchor and positive without a semi-hard negative give no triplet.
 *
 * @param embeddings of length 1.
 * @param labels whose each of them is.
 * @returns triplets in the order of their anchors, then positives.
 * @throws {FaceNetError} `option-invalid` when embeddings and labels do not fit, or an option is impossible.
 */
export function selectTriplets(
  embeddings: readonly Float32Array[],
  labels: readonly PersonLabel[],
  options: SelectionOptions = {},
): Triplet[] {
  checkLabelled(embeddings, labels);
  const select = selector(options);
  return [...surroundings(embeddings, labels)].flatMap(select);
}

/**
 * Selects triplets offline: from the embeddings of the whole set, made by the network as it was every so many steps (FaceNet
 * paper, section 3.2). In between the same triplets stay.
 */
export class OfflineSelection {
  readonly #labels: readonly PersonLabel[];
  readonly #embedAll: EmbedAll;
  readonly #options: OfflineOptions;
  #triplets: readonly Triplet[] = [];
  #selectedAt: number | undefined;

  /**
   * @param labels whose each face of the set is.
   * @param embedAll embeds the set, in the order of the labels.
   * @throws {FaceNetError} `option-invalid` for an impossible option.
   */
  constructor(labels: readonly PersonLabel[], embedAll: EmbedAll, options: OfflineOptions) {
    const { every } = options;
    if (!(Number.isInteger(every) && every >= 1)) {
      throw new FaceNetError('option-invalid', `every is ${every}: use a whole number of steps of at least 1.`);
    }
    selector(options);
    this.#labels = labels;
    this.#embedAll = embedAll;
    this.#options = options;
  }

  /**
   * The triplets to learn from at a step. The set is embedded and searched when `every` steps have passed since it last was.
   *
   * @param step how many steps of training have been done.
   * @throws whatever embedding throws; {FaceNetError} `option-invalid` when it gives no embedding for each label;
   *   `signal.reason` when aborted, and then the earlier triplets stay.
   */
  async at(step: number, { signal }: Abortable = {}): Promise<readonly Triplet[]> {
    if (this.#selectedAt !== undefined && step < this.#selectedAt + this.#options.every) return this.#triplets;
    const embeddings = await this.#embedAll(signal);
    checkLabelled(embeddings, this.#labels);
    const select = selector(this.#options);
    const triplets: Triplet[] = [];
    for (const around of surroundings(embeddings, this.#labels)) {
      await yieldToEventLoop(signal);
      triplets.push(...select(around));
    }
    this.#triplets = triplets;
    this.#selectedAt = step;
    return triplets;
  }
}

/** Turns options into what selects the triplets of one anchor. */
function selector({
  positives = 'all',
  negatives = 'semi-hard',
  margin = 0.2,
  random = seeded(1),
}: SelectionOptions): (around: Surroundings) => Triplet[] {
  if (!['all', 'hardest'].includes(positives)) {
    throw new FaceNetError('option-invalid', `positives is "${positives}": use "all" or "hardest".`);
  }
  const pickNegative = negativePickers[negatives];
  if (!pickNegative) {
    throw new FaceNetError('option-invalid', `negatives is "${negatives}": use "hardest", "semi-hard" or "random".`);
  }
  checkMargin(margin);
  return (around) => {
    const { anchor, distances } = around;
    const chosen = positives === 'all' ? around.positives : [furthest(around)];
    return chosen.flatMap((positive) => {
      const negative = pickNegative(around, distances[positive] as number, margin, random);
      return negative === undefined ? [] : [{ anchor, positive, negative }];
    });
  };
}

type PickNegative = (around: Surroundings, near: number, margin: number, random: () => number) => number | undefined;

const negativePickers: Record<NonNullable<SelectionOptions['negatives']>, PickNegative> = {
  hardest: ({ negatives, distances }) => nearest(negatives, distances),
  'semi-hard': ({ negatives, distances }, near, margin) =>
    nearest(
      negatives.filter((n) => isSemiHard(near, distances[n] as number, margin)),
      distances,
    ),
  random: ({ negatives }, _near, _margin, random) => negatives[Math.floor(random() * negatives.length)],
};

function nearest(places: readonly number[], distances: Float64Array): number | undefined {
  return places.reduce<number | undefined>(
    (best, place) => (best === undefined || (distances[place] as number) < (distances[best] as number) ? place : best),
    undefined,
  );
}

function furthest({ positives, distances }: Surroundings): number {
  return positives.reduce((best, place) => ((distances[place] as number) > (distances[best] as number) ? place : best));
}
