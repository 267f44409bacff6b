import { yieldToEventLoop } from '../core/cancellation.ts';
import { listLength, listStart, type NearLists } from '../neighbours/near-lists.ts';
import type { LinkedNodes } from './graph.ts';

/** The index of a face that is not among those that are linked. */
const absent = 0xffffffff;

/**
 * The links within a distance among some faces, which are nodes by their indices in a list. Those that a face lists are read from the
 * lists of neighbours, in a stored order of 32 bytes a face. Those of faces that list a face but are not listed by it are references of
 * 4 bytes. A copy of all links would take up to 500 bytes a face. The lists must not change meanwhile.
 */
export class ListedLinks implements LinkedNodes {
  readonly size: number;
  readonly #lists: NearLists;
  readonly #faces: readonly number[];
  readonly #within: number;
  /** The node of each face. */
  readonly #nodeOf: Uint32Array;
  /** The places of a node's links in the list of its face, by ascending other node, and their number. */
  readonly #places: Uint8Array;
  readonly #counts: Uint8Array;
  /** The references of node `n` are those from `ends[n - 1]` to before `ends[n]`, by ascending node of the face that lists it. */
  readonly #ends: Uint32Array;
  /** Places in the lists of other faces: face · {@link listLength} + place. */
  #references = new Uint32Array(0);

  private constructor(lists: NearLists, faces: readonly number[], within: number) {
    this.size = faces.length;
    this.#lists = lists;
    this.#faces = faces;
    this.#within = within;
    this.#nodeOf = new Uint32Array(lists.size).fill(absent);
    for (const [node, face] of faces.entries()) this.#nodeOf[face] = node;
    this.#places = new Uint8Array(faces.length * listLength);
    this.#counts = new Uint8Array(faces.length);
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
    await links.#sortPlaces(signal);
    await links.#refer(signal);
    return links;
  }

  forEach(node: number, visit: (other: number, distance: number) => void): void {
    const nodeOf = this.#nodeOf;
    const own = this.#faces[node] as number;
    const { near, distances } = this.#lists.blockOf(own);
    const start = listStart(own);
    let place = node * listLength;
    const lastPlace = place + (this.#counts[node] as number);
    const end = this.#ends[node] as number;
    for (let r = this.#start(node); r < end; r++) {
      const reference = this.#references[r] as number;
      const face = Math.floor(reference / listLength);
      const other = nodeOf[face] as number;
      for (; place < lastPlace; place++) {
        const at = start + (this.#places[place] as number);
        const listed = nodeOf[near[at] as number] as number;
        if (listed > other) break;
        visit(listed, distances[at] as number);
      }
      visit(other, this.#lists.blockOf(face).distances[listStart(face) + (reference % listLength)] as number);
    }
    for (; place < lastPlace; place++) {
      const at = start + (this.#places[place] as number);
      visit(nodeOf[near[at] as number] as number, distances[at] as number);
    }
  }

  async filter(isKept: (node: number, other: number) => boolean, signal?: AbortSignal): Promise<void> {
    let [start, left] = [0, 0];
    for (let node = 0; node < this.size; node++) {
      if (node % 64 === 0) await yieldToEventLoop(signal);
      this.#filterPlaces(node, isKept);
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

  #filterPlaces(node: number, isKept: (node: number, other: number) => boolean): void {
    const face = this.#faces[node] as number;
    const { near } = this.#lists.blockOf(face);
    const first = node * listLength;
    let left = first;
    for (let i = first; i < first + (this.#counts[node] as number); i++) {
      const place = this.#places[i] as number;
      if (isKept(node, this.#nodeOf[near[listStart(face) + place] as number] as number)) this.#places[left++] = place;
    }
    this.#counts[node] = left - first;
  }

  /** Stores the places of the links that each face lists, by ascending other node. */
  async #sortPlaces(signal: AbortSignal | undefined): Promise<void> {
    const others = new Uint32Array(listLength);
    for (const [node, face] of this.#faces.entries()) {
      if (node % 64 === 0) await yieldToEventLoop(signal);
      const first = node * listLength;
      let count = 0;
      this.#lists.forEach(face, this.#within, (listed, _, place) => {
        const other = this.#nodeOf[listed] as number;
        if (other === absent) return;
        let at = count++;
        for (; at > 0 && (others[at - 1] as number) > other; at--) {
          others[at] = others[at - 1] as number;
          this.#places[first + at] = this.#places[first + at - 1] as number;
        }
        others[at] = other;
        this.#places[first + at] = place;
      });
      this.#counts[node] = count;
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

  #start(node: number): number {
    return node === 0 ? 0 : (this.#ends[node - 1] as number);
  }
}
