import type { Pair } from './near-pairs.ts';
import { PairMap } from './pair-map.ts';

/** How pairs of people are chosen. */
export interface PairChoice {
  /** The number of pairs to choose. */
  count: number;
  /** Falls with the distance of the pair. */
  scoreOf: (pair: Pair) => number;
  /** Whether a pair can be chosen. Called for those that may be among the best. */
  isWanted: (pair: Pair) => boolean;
}

/**
 * Chooses the pairs of people of the highest scores by the nearest of their links, as sorting all pairs would. It holds twice as many pairs
 * as it chooses at most: a library can have millions.
 */
export class BestPairs {
  readonly #choice: PairChoice;
  #best: Pair[] = [];
  #known = new PairMap<Pair>();
  /** A pair of a lower score is not among the best. If it has a nearer link, that is offered, too. */
  #lowest = Number.NEGATIVE_INFINITY;

  constructor(choice: PairChoice) {
    this.#choice = choice;
  }

  /** Adds a link of two people. */
  offer(link: Pair): void {
    const { count, scoreOf, isWanted } = this.#choice;
    if (scoreOf(link) <= this.#lowest) return;
    const known = this.#known.get(link.a, link.b);
    if (known) {
      if (link.distance >= known.distance) return;
      known.nearest = known.a === link.a ? link.nearest : [link.nearest[1], link.nearest[0]];
      known.distance = link.distance;
      return;
    }
    if (!isWanted(link)) return;
    this.#best.push(link);
    this.#known.set(link.a, link.b, link);
    if (this.#best.length >= 2 * count) this.#dropOthers();
  }

  /** The best pairs, the best first. Of pairs of one score the first comes first. */
  pairs(): Pair[] {
    this.#dropOthers();
    return this.#best;
  }

  #dropOthers(): void {
    const { count, scoreOf } = this.#choice;
    const scored = this.#best.map((pair) => ({ pair, score: scoreOf(pair) }));
    const kept = scored.sort((a, b) => b.score - a.score).slice(0, count);
    if (kept.length === count) this.#lowest = kept.at(-1)?.score ?? this.#lowest;
    this.#best = kept.map(({ pair }) => pair);
    this.#known = new PairMap();
    for (const pair of this.#best) this.#known.set(pair.a, pair.b, pair);
  }
}
