import { yieldToEventLoop } from '../core/cancellation.ts';
import { graphBlockSize } from './block-size.ts';

/** The number of nearest faces that are kept for each face. Chosen by `npm run library` (docs/library.md). */
export const listLength = 32;

/** A link that is not there. */
const none = 0xffffffff;

/** The lists of consecutive faces. That of a face begins at {@link listStart}. */
export interface ListBlock {
  near: Uint32Array;
  distances: Float32Array;
}

/**
 * The nearest faces of each face, nearest first: the graph that clustering and questions read. They are in blocks of the size of stored
 * ones, so that neither growing nor storing copies all lists.
 */
export class NearLists {
  readonly #blocks: ListBlock[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Appends a face without neighbours. */
  append(): void {
    if (this.#size % graphBlockSize === 0) this.#blocks.push(emptyBlock());
    this.#size++;
  }

  /** Links two faces, in each list that lacks the other and has a place or a farther face. */
  link(a: number, b: number, distance: number): void {
    if (!this.has(a, b)) this.#offer(a, b, distance);
    if (!this.has(b, a)) this.#offer(b, a, distance);
  }

  /**
   * Empties the lists of faces whose embeddings were replaced, and sorts them into the lists of others by their new distances. Yields to
   * the event loop.
   *
   * @param distanceOf the distance of two faces; undefined if it is too large for a link.
   */
  async unlink(
    faces: readonly number[],
    distanceOf: (a: number, b: number) => number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const isReplaced = new Uint8Array(this.#size);
    for (const face of faces) {
      isReplaced[face] = 1;
      this.#clear(face);
    }
    for (let face = 0; face < this.#size; face++) {
      if (face % graphBlockSize === 0) await yieldToEventLoop(signal);
      const former = this.#list(face);
      if (!former.near.some((other) => other !== none && isReplaced[other])) continue;
      const [near, distances] = [former.near.slice(), former.distances.slice()];
      this.#clear(face);
      for (const [i, other] of near.entries()) {
        if (other === none) break;
        const distance = isReplaced[other] ? distanceOf(face, other) : (distances[i] as number);
        if (distance !== undefined) this.#offer(face, other, distance);
      }
    }
  }

  /** Calls `visit` for the neighbours of a face within a distance, nearest first, with their places in the list. */
  forEach(face: number, within: number, visit: (other: number, distance: number, place: number) => void): void {
    const { near, distances } = this.blockOf(face);
    const start = listStart(face);
    for (let i = start; i < start + listLength; i++) {
      const distance = distances[i] as number;
      if (!(distance <= within) || near[i] === none) return;
      visit(near[i] as number, distance, i - start);
    }
  }

  /** Whether the list of a face holds another. */
  has(face: number, other: number): boolean {
    const { near } = this.blockOf(face);
    const start = listStart(face);
    for (let i = start; i < start + listLength; i++) if (near[i] === other) return true;
    return false;
  }

  /** The lists of a block of faces. Those of a full block are not copied: they change when faces are added. */
  block(number: number): ListBlock {
    const { near, distances } = this.#blocks[number] as ListBlock;
    const count = this.#size - number * graphBlockSize;
    if (count >= graphBlockSize) return { near, distances };
    return { near: near.slice(0, count * listLength), distances: distances.slice(0, count * listLength) };
  }

  /** Appends the first `count` faces of a block. The blocks before it have to be full. */
  appendBlock({ near, distances }: ListBlock, count: number): void {
    const block = emptyBlock();
    block.near.set(near.subarray(0, count * listLength));
    block.distances.set(distances.subarray(0, count * listLength));
    this.#blocks.push(block);
    this.#size += count;
  }

  /** The list of a face. Not a copy. */
  #list(face: number): ListBlock {
    const { near, distances } = this.blockOf(face);
    const start = listStart(face);
    return {
      near: near.subarray(start, start + listLength),
      distances: distances.subarray(start, start + listLength),
    };
  }

  #clear(face: number): void {
    const { near, distances } = this.#list(face);
    near.fill(none);
    distances.fill(Number.POSITIVE_INFINITY);
  }

  #offer(face: number, other: number, distance: number): void {
    const { near, distances } = this.blockOf(face);
    const start = listStart(face);
    let at = start + listLength - 1;
    if ((distances[at] as number) <= distance) return;
    for (; at > start && (distances[at - 1] as number) > distance; at--) {
      near[at] = near[at - 1] as number;
      distances[at] = distances[at - 1] as number;
    }
    near[at] = other;
    distances[at] = distance;
  }

  /** The block that holds the list of a face. It must not be changed. */
  blockOf(face: number): ListBlock {
    return this.#blocks[Math.floor(face / graphBlockSize)] as ListBlock;
  }
}

function emptyBlock(): ListBlock {
  return {
    near: new Uint32Array(graphBlockSize * listLength).fill(none),
    distances: new Float32Array(graphBlockSize * listLength).fill(Number.POSITIVE_INFINITY),
  };
}

/** The index in a block at which the list of a face begins. */
export function listStart(face: number): number {
  return (face % graphBlockSize) * listLength;
}
