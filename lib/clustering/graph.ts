import { distances } from '../comparison/distance.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Metric } from '../core/types.ts';

/** The number of links to process between two checks whether to yield to the event loop. */
const linksPerYield = 16_384;

/** Links among nodes, each in both directions. */
export interface LinkedNodes {
  /** The number of nodes. */
  readonly size: number;
  /** Calls `visit` for the links of a node, by ascending other node. `visit` must not call it again. */
  forEach(node: number, visit: (other: number, distance: number) => void): void;
  /** Removes links. Yields to the event loop. @param isKept whether a link is kept, the same in both directions. */
  filter(isKept: (node: number, other: number) => boolean, signal?: AbortSignal): Promise<void>;
}

/** The links among nodes, in typed arrays: an object for each would take several times the memory. Made by {@link GraphBuilder}. */
export class Graph implements LinkedNodes {
  readonly size: number;
  /** The links of node `n` are those from `ends[n - 1]` to before `ends[n]`, by ascending other node. */
  readonly #ends: Uint32Array;
  readonly #others: Uint32Array;
  readonly #distances: Float64Array;

  constructor({ ends, others, distances }: { ends: Uint32Array; others: Uint32Array; distances: Float64Array }) {
    this.size = ends.length;
    this.#ends = ends;
    this.#others = others;
    this.#distances = distances;
  }

  /** The number of links of a node. */
  degree(node: number): number {
    return (this.#ends[node] as number) - this.#start(node);
  }

  forEach(node: number, visit: (other: number, distance: number) => void): void {
    const end = this.#ends[node] as number;
    for (let i = this.#start(node); i < end; i++) visit(this.#others[i] as number, this.#distances[i] as number);
  }

  async filter(isKept: (node: number, other: number) => boolean, signal?: AbortSignal): Promise<void> {
    let [start, left] = [0, 0];
    for (let node = 0; node < this.size; node++) {
      if (node % 64 === 0) await yieldToEventLoop(signal);
      const end = this.#ends[node] as number;
      for (let i = start; i < end; i++) {
        const other = this.#others[i] as number;
        if (!isKept(node, other)) continue;
        this.#others[left] = other;
        this.#distances[left++] = this.#distances[i] as number;
      }
      this.#ends[node] = left;
      start = end;
    }
  }

  #start(node: number): number {
    return node === 0 ? 0 : (this.#ends[node - 1] as number);
  }
}

/** Collects links for a {@link Graph}. */
export class GraphBuilder {
  /** The number of links of each node. */
  readonly #degrees: Uint32Array;
  /** The two nodes of each link. */
  #nodes = new Uint32Array(2048);
  #distances = new Float64Array(1024);
  #count = 0;

  /** @param size the number of nodes. */
  constructor(size: number) {
    this.#degrees = new Uint32Array(size);
  }

  /** Links two nodes. Call it once for each pair, in any order. */
  link(a: number, b: number, distance: number): void {
    if (this.#count === this.#distances.length) this.#grow();
    this.#nodes[2 * this.#count] = a;
    this.#nodes[2 * this.#count + 1] = b;
    this.#distances[this.#count++] = distance;
    this.#degrees[a] = (this.#degrees[a] as number) + 1;
    this.#degrees[b] = (this.#degrees[b] as number) + 1;
  }

  /** The graph of all links. Yields to the event loop. */
  async build(signal?: AbortSignal): Promise<Graph> {
    const nodes = this.#nodes.subarray(0, 2 * this.#count);
    const others = new Uint32Array(nodes.length);
    const distances = new Float64Array(nodes.length);
    // First the start of each node's links, which grows to their end while they are added.
    const size = this.#degrees.length;
    const ends = new Uint32Array(size);
    for (let node = 1; node < size; node++)
      ends[node] = (ends[node - 1] as number) + (this.#degrees[node - 1] as number);
    for (let i = 0; i < nodes.length; i++) {
      if (i % linksPerYield === 0) await yieldToEventLoop(signal);
      const at = ends[nodes[i] as number] as number;
      ends[nodes[i] as number] = at + 1;
      others[at] = nodes[i ^ 1] as number;
      distances[at] = this.#distances[i >> 1] as number;
    }
    // The order of the links must not depend on the order in which they were added.
    for (let node = 0; node < size; node++) {
      if (node % 64 === 0) await yieldToEventLoop(signal);
      const [start, end] = [node === 0 ? 0 : (ends[node - 1] as number), ends[node] as number];
      sortLinks(others.subarray(start, end), distances.subarray(start, end));
    }
    return new Graph({ ends, others, distances });
  }

  #grow(): void {
    const nodes = new Uint32Array(this.#nodes.length * 2);
    nodes.set(this.#nodes);
    this.#nodes = nodes;
    const distances = new Float64Array(this.#distances.length * 2);
    distances.set(this.#distances);
    this.#distances = distances;
  }
}

/** Sorts the links of a node by the other nodes. */
function sortLinks(others: Uint32Array, distances: Float64Array): void {
  if (others.every((other, i) => i === 0 || other > (others[i - 1] as number))) return;
  const order = Array.from(others.keys()).sort((p, q) => (others[p] as number) - (others[q] as number));
  others.set(order.map((i) => others[i] as number));
  distances.set(order.map((i) => distances[i] as number));
}

/**
 * Links every two embeddings within a distance of each other. Compares each new embedding with all before it: n²/2
 * distances if all are new.
 *
 * @param embeddings of one model.
 * @param within the largest distance of a link.
 * @param from the index of the first new embedding. Links among earlier ones are omitted.
 */
export async function linkNeighbours(
  embeddings: readonly Float32Array[],
  within: number,
  metric: Metric,
  from = 0,
  signal?: AbortSignal,
): Promise<Graph> {
  const graph = new GraphBuilder(embeddings.length);
  const distanceOf = distances[metric];
  for (let a = from; a < embeddings.length; a++) {
    if (a % 64 === 0) await yieldToEventLoop(signal);
    for (let b = 0; b < a; b++) {
      const [x, y] = [embeddings[a] as Float32Array, embeddings[b] as Float32Array];
      if (metric === 'euclidean' && isFarther(x, y, within)) continue;
      const distance = distanceOf(x, y);
      if (distance > within) continue;
      graph.link(a, b, distance);
    }
  }
  return graph.build(signal);
}

/**
 * Whether the first half of the elements alone exceeds the distance, with a margin for rounding. True for most
 * strangers.
 */
function isFarther(a: Float32Array, b: Float32Array, within: number): boolean {
  const maxSum = within * within * (1 + 1e-9);
  const half = a.length >> 1;
  let [even, odd] = [0, 0];
  for (let i = 0; i + 1 < half; i += 2) {
    const d0 = (a[i] as number) - (b[i] as number);
    const d1 = (a[i + 1] as number) - (b[i + 1] as number);
    even += d0 * d0;
    odd += d1 * d1;
  }
  return even + odd > maxSum;
}
