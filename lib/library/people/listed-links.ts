import type { LinkedNodes } from '../../clustering/graph.ts';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { listLength, type NearLists } from '../neighbours/near-lists.ts';

/** The index of a face that is not among those that are linked. */
const absent = 0xffffffff;

/**
 * The links within a distance among some faces, which are nodes by their indices in a list. It reads those that a face lists from the
 * lists of neighbours, and holds only references to those of faces that are listed but do not list the other one themselves: a copy of
 * all links would take up to 500 bytes a face. The lists must not change meanwhile.
 */
export class ListedLinks implements LinkedNodes {
  readonly size: number;
  readonly #lists: NearLists;
  readonly #faces: readonly number[];
  readonly #within: number;
  /** The node of each face. */
  readonly #nodeOf: Uint32Array;
  /** A bit for each place in the list of a node's face: whether the link was removed. */
  readonly #removed: Uint32Array;
  /** The references of node `n` are those from `ends[n - 1]` to before `ends[n]`, by ascending node of the face that lists it. */
  readonly #ends: Uint32Array;
  /** Places in lists: face · {@link listLength} + place. */
  #references = new Uint32Array(0);
  /** The listed links of the node that is visited, sorted. */
  readonly #others = new Uint32Array(listLength);
  readonly #distances = new Float32Array(listLength);

  private constructor(lists: NearLists, faces: readonly number[], within: number) {
    this.size = faces.length;
    this.#lists = lists;
    this.#faces = faces;
    this.#within = within;
    this.#nodeOf = new Uint32Array(lists.size).fill(absent);
    for (const [node, face] of faces.entries()) this.#nodeOf[face] = node;
    this.#removed = new Uint32Array(faces.length);
    this.#ends = new Uint32Array(faces.length);
  }

  /** The links among faces. Yields to the event loop. */
  static async among(
    lists: NearLists,
    faces: readonly number[],
    within: number,
    signal?: AbortSignal,
  ): Promise<ListedLinks> {
    const links = new ListedLinks(lists, faces, within);
    await links.#refer(signal);
    return links;
  }

  forEach(node: number, visit: (other: number, distance: number) => void): void {
    const listed = this.#readListed(node);
    let i = 0;
    const end = this.#ends[node] as number;
    for (let r = this.#start(node); r < end; r++) {
      const face = Math.floor((this.#references[r] as number) / listLength);
      const other = this.#nodeOf[face] as number;
      for (; i < listed && (this.#others[i] as number) < other; i++)
        visit(this.#others[i] as number, this.#distances[i] as number);
      visit(other, this.#lists.distanceAt(face, (this.#references[r] as number) % listLength));
    }
    for (; i < listed; i++) visit(this.#others[i] as number, this.#distances[i] as number);
  }

  async filter(isKept: (node: number, other: number) => boolean, signal?: AbortSignal): Promise<void> {
    let [start, left] = [0, 0];
    for (let node = 0; node < this.size; node++) {
      if (node % 64 === 0) await yieldToEventLoop(signal);
      this.#lists.forEach(this.#faces[node] as number, this.#within, (face, _, place) => {
        const other = this.#nodeOf[face] as number;
        if (other === absent || isKept(node, other)) return;
        this.#removed[node] = (this.#removed[node] as number) | (1 << place);
      });
      const end = this.#ends[node] as number;
      for (let r = start; r < end; r++) {
        const reference = this.#references[r] as number;
        if (!isKept(node, this.#nodeOf[Math.floor(reference / listLength)] as number)) continue;
        this.#references[left++] = reference;
      }
      this.#ends[node] = left;
      start = end;
    }
  }

  /** Stores the references: in a first pass their number for each node, which becomes their start, and in the second one their end. */
  async #refer(signal: AbortSignal | undefined): Promise<void> {
    const ends = this.#ends;
    await this.#visitOneSided((node) => {
      ends[node] = (ends[node] as number) + 1;
    }, signal);
    let count = 0;
    for (let node = 0; node < this.size; node++) {
      const own = ends[node] as number;
      ends[node] = count;
      count += own;
    }
    const references = new Uint32Array(count);
    await this.#visitOneSided((node, reference) => {
      const at = ends[node] as number;
      references[at] = reference;
      ends[node] = at + 1;
    }, signal);
    this.#references = references;
  }

  /** Calls `visit` for each node that another lists without being listed by it, and the place, by ascending other node. */
  async #visitOneSided(
    visit: (node: number, reference: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const [i, face] of this.#faces.entries()) {
      if (i % 64 === 0) await yieldToEventLoop(signal);
      this.#lists.forEach(face, this.#within, (other, _, place) => {
        const node = this.#nodeOf[other] as number;
        if (node !== absent && !this.#lists.has(other, face)) visit(node, face * listLength + place);
      });
    }
  }

  /** Reads the links that a node's face lists, by ascending node. @returns their number. */
  #readListed(node: number): number {
    const others = this.#others;
    const distances = this.#distances;
    const removed = this.#removed[node] as number;
    let count = 0;
    this.#lists.forEach(this.#faces[node] as number, this.#within, (face, distance, place) => {
      const other = this.#nodeOf[face] as number;
      if (other === absent || ((removed >>> place) & 1) === 1) return;
      let at = count++;
      for (; at > 0 && (others[at - 1] as number) > other; at--) {
        others[at] = others[at - 1] as number;
        distances[at] = distances[at - 1] as number;
      }
      others[at] = other;
      distances[at] = distance;
    });
    return count;
  }

  #start(node: number): number {
    return node === 0 ? 0 : (this.#ends[node - 1] as number);
  }
}
