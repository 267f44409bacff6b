import { yieldToEventLoop } from '../../core/cancellation.ts';
import { checkedNames, checkedOptions, type OptionNames } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import { seeded } from '../../core/random.ts';
import type { Abortable } from '../../core/types.ts';
import {
  type AnchorCandidates,
  anchorCandidates,
  checkLabelled,
  checkMargin,
  isSemiHard,
  type PersonLabel,
  type Triplet,
} from './triplets.ts';

/** Options of triplet selection. */
export interface SelectionOptions {
  /**
   * The positives of each anchor: `all`, which the FaceNet paper found more stable within a mini-batch, or only the `hardest`,
   * argmax ‖a − p‖².
   *
   * @default 'all'
   */
  positives?: 'all' | 'hardest';
  /**
   * The negative of each anchor and positive: the `hardest`, argmin ‖a − n‖²; the closest `semi-hard` one, with
   * ‖a − p‖² < ‖a − n‖² < ‖a − p‖² + α; or a `random` one.
   *
   * @default 'semi-hard'
   */
  negatives?: 'hardest' | 'semi-hard' | 'random';
  /** α for semi-hard negatives, a squared distance, above 0. The default is the paper's. @default 0.2 */
  margin?: number;
  /** Random numbers in [0, 1) for random negatives. Default: a generator with a fixed seed. */
  random?: () => number;
}

/** Options of {@link OfflineSelection}. */
export interface OfflineOptions extends SelectionOptions {
  /** The number of steps between two selections. An integer, 1 or more. */
  every: number;
}

const selectionOptionNames: OptionNames<SelectionOptions> = {
  ...{ positives: true, negatives: true, margin: true, random: true },
};

/** Embeds the whole training set with the current weights. */
export type EmbedAll = (signal: AbortSignal | undefined) => Promise<readonly Float32Array[]>;

/**
 * Selects triplets online, from the embeddings of one mini-batch (FaceNet paper, arXiv 1503.03832, section 3.2). Of several
 * equidistant candidates it takes the first. An anchor and positive without a semi-hard negative give no triplet.
 *
 * @param embeddings L2-normalised embeddings.
 * @param labels the person of each embedding.
 * @param options which positives and negatives to select, and the margin.
 * @returns triplets ordered by anchor, then by positive.
 * @throws {FaceNetError} `option-invalid` when embeddings and labels do not match, or an option is invalid.
 *
 * @example
 * for (const { anchor, positive, negative } of selectTriplets(embeddings, people)) show(anchor, positive, negative);
 */
export function selectTriplets(
  embeddings: readonly Float32Array[],
  labels: readonly PersonLabel[],
  options: SelectionOptions = {},
): Triplet[] {
  checkLabelled(embeddings, labels);
  checkedNames(options, selectionOptionNames);
  const select = selector(options);
  return [...anchorCandidates(embeddings, labels)].flatMap(select);
}

/**
 * Selects triplets offline: every `every` steps from the embeddings of the whole training set (FaceNet paper, section 3.2). In
 * between, the triplets stay the same.
 *
 * @example
 * const selection = new OfflineSelection(people, async () => embeddings, { every: 1000, negatives: 'semi-hard' });
 * for (let step = 0; step < 5000; step++) show(await selection.at(step));
 */
export class OfflineSelection {
  readonly #labels: readonly PersonLabel[];
  readonly #embedAll: EmbedAll;
  readonly #options: OfflineOptions;
  #triplets: readonly Triplet[] = [];
  #selectedAt: number | undefined;

  /**
   * @param labels the person of each face in the training set.
   * @param embedAll embeds the training set, in the order of the labels.
   * @param options `every`, which is required, which positives and negatives to select, and the margin.
   * @throws {FaceNetError} `option-invalid` for an invalid option.
   */
  constructor(labels: readonly PersonLabel[], embedAll: EmbedAll, options: OfflineOptions) {
    const { every } = checkedNames(options, { ...selectionOptionNames, every: true });
    if (!(Number.isInteger(every) && every >= 1)) {
      throw new FaceNetError('option-invalid', `every is ${every}: use an integer of 1 or more.`);
    }
    selector(options);
    this.#labels = labels;
    this.#embedAll = embedAll;
    this.#options = options;
  }

  /**
   * The triplets of a step. Embeds the training set and selects again when `every` steps have passed since the last selection.
   *
   * @param step the number of training steps done so far.
   * @param options a signal that cancels the call.
   * @throws any error of `embedAll`; {FaceNetError} `option-invalid` unless it returns one embedding per label; `signal.reason`
   *   when aborted, and then the earlier triplets are kept.
   */
  async at(step: number, options: Abortable = {}): Promise<readonly Triplet[]> {
    const { signal } = checkedOptions(options);
    if (this.#selectedAt !== undefined && step < this.#selectedAt + this.#options.every) return this.#triplets;
    const embeddings = await this.#embedAll(signal);
    checkLabelled(embeddings, this.#labels);
    const select = selector(this.#options);
    const triplets: Triplet[] = [];
    for (const candidates of anchorCandidates(embeddings, this.#labels)) {
      await yieldToEventLoop(signal);
      triplets.push(...select(candidates));
    }
    this.#triplets = triplets;
    this.#selectedAt = step;
    return triplets;
  }
}

/** A function that selects the triplets of one anchor. @throws {FaceNetError} `option-invalid`. */
function selector({
  positives = 'all',
  negatives = 'semi-hard',
  margin = 0.2,
  random = seeded(1),
}: SelectionOptions): (candidates: AnchorCandidates) => Triplet[] {
  if (!['all', 'hardest'].includes(positives)) {
    throw new FaceNetError('option-invalid', `positives is "${positives}": use "all" or "hardest".`);
  }
  const pickNegative = negativePickers[negatives];
  if (!pickNegative) {
    throw new FaceNetError('option-invalid', `negatives is "${negatives}": use "hardest", "semi-hard" or "random".`);
  }
  checkMargin(margin);
  return (candidates) => {
    const { anchor, distances } = candidates;
    const chosen = positives === 'all' ? candidates.positives : [farthestPositive(candidates)];
    return chosen.flatMap((positive) => {
      const negative = pickNegative(candidates, distances[positive] as number, margin, random);
      return negative === undefined ? [] : [{ anchor, positive, negative }];
    });
  };
}

type PickNegative = (
  candidates: AnchorCandidates,
  toPositive: number,
  margin: number,
  random: () => number,
) => number | undefined;

const negativePickers: Record<NonNullable<SelectionOptions['negatives']>, PickNegative> = {
  hardest: ({ negatives, distances }) => closest(negatives, distances),
  'semi-hard': ({ negatives, distances }, toPositive, margin) =>
    closest(
      negatives.filter((n) => isSemiHard(toPositive, distances[n] as number, margin)),
      distances,
    ),
  random: ({ negatives }, _toPositive, _margin, random) => negatives[Math.floor(random() * negatives.length)],
};

function closest(indices: readonly number[], distances: Float64Array): number | undefined {
  return indices.reduce<number | undefined>(
    (best, index) => (best === undefined || (distances[index] as number) < (distances[best] as number) ? index : best),
    undefined,
  );
}

function farthestPositive({ positives, distances }: AnchorCandidates): number {
  return positives.reduce((best, index) => ((distances[index] as number) > (distances[best] as number) ? index : best));
}
