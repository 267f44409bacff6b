import { yieldToEventLoop } from '../../core/cancellation.ts';

/** The number of nearest faces that are kept for each face. Chosen by `npm run library` (docs/library.md). */
export const listLength = 32;

/** A link that is not there. */
const none = 0xffffffff;

/** The nearest faces of each face, nearest first: the graph that clustering and questions read. */
export class NearLists {
  #near = new Uint32Array(1024 * listLength).fill(none);
  #distances = new Float32Array(1024 * listLength).fill(Number.POSITIVE_INFINITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Appends a face without neighbours. */
  append(): void {
    this.#size++;
    if (this.#size * listLength > this.#near.length) this.#grow();
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
      this.#clear(face * listLength, (face + 1) * listLength);
    }
    for (let face = 0; face < this.#size; face++) {
      if (face % 1024 === 0) await yieldToEventLoop(signal);
      if (!this.#listsAny(face, isReplaced)) continue;
      const start = face * listLength;
      const { near, distances } = this.block(face, face + 1);
      this.#clear(start, start + listLength);
      for (const [i, other] of near.entries()) {
        if (other === none) break;
        const distance = isReplaced[other] ? distanceOf(face, other) : (distances[i] as number);
        if (distance !== undefined) this.#offer(face, other, distance);
      }
    }
  }

  /** Calls `visit` for the neighbours of a face within a distance, nearest first. */
  forEach(face: number, within: number, visit: (other: number, distance: number) => void): void {
    const start = face * listLength;
    for (let i = start; i < start + listLength; i++) {
      const distance = this.#distances[i] as number;
      if (!(distance <= within) || this.#near[i] === none) return;
      visit(this.#near[i] as number, distance);
    }
  }

  /** Whether the list of a face holds another. */
  has(face: number, other: number): boolean {
    return this.#near.subarray(face * listLength, (face + 1) * listLength).includes(other);
  }

  /** A copy of the lists of the faces from `start` to before `end`. */
  block(start: number, end: number): { near: Uint32Array; distances: Float32Array } {
    const [from, to] = [start * listLength, end * listLength];
    return { near: this.#near.slice(from, to), distances: this.#distances.slice(from, to) };
  }

  /** Appends the first `count` faces of a block. */
  appendBlock({ near, distances }: { near: Uint32Array; distances: Float32Array }, count: number): void {
    const start = this.#size * listLength;
    for (let i = 0; i < count; i++) this.append();
    this.#near.set(near.subarray(0, count * listLength), start);
    this.#distances.set(distances.subarray(0, count * listLength), start);
  }

  #listsAny(face: number, isMarked: Uint8Array): boolean {
    const end = (face + 1) * listLength;
    for (let i = face * listLength; i < end && this.#near[i] !== none; i++) {
      if (isMarked[this.#near[i] as number]) return true;
    }
    return false;
  }

  #clear(start: number, end: number): void {
    this.#near.fill(none, start, end);
    this.#distances.fill(Number.POSITIVE_INFINITY, start, end);
  }

  #offer(face: number, other: number, distance: number): void {
    const start = face * listLength;
    let at = start + listLength - 1;
    if ((this.#distances[at] as number) <= distance) return;
    for (; at > start && (this.#distances[at - 1] as number) > distance; at--) {
      this.#near[at] = this.#near[at - 1] as number;
      this.#distances[at] = this.#distances[at - 1] as number;
    }
    this.#near[at] = other;
    this.#distances[at] = distance;
  }

  #grow(): void {
    const near = new Uint32Array(this.#near.length * 2).fill(none);
    near.set(this.#near);
    this.#near = near;
    const distances = new Float32Array(this.#distances.length * 2).fill(Number.POSITIVE_INFINITY);
    distances.set(this.#distances);
    this.#distances = distances;
  }
}
