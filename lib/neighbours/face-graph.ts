import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Metric } from '../core/types.ts';
import { graphBlockSize } from './block-size.ts';
import { type Found, Hnsw } from './hnsw.ts';
import { type LinkBlock, Links } from './links.ts';
import { type ListBlock, listLength, NearLists } from './near-lists.ts';

/** The number of faces that {@link FaceGraph.nearest} examines. Chosen by `npm run library` (docs/library.md). */
const searchBreadth = 200;

/** The neighbour graph of consecutive faces, as it is stored. */
export interface GraphBlock extends LinkBlock, ListBlock {
  /** The number of the block: face `n` is in block ⌊n / graphBlockSize⌋. */
  number: number;
}

/** The embeddings of all faces, an index of nearest neighbours over them, and the nearest faces of each. */
export class FaceGraph {
  readonly lists = new NearLists();
  readonly #hnsw: Hnsw;
  readonly #metric: Metric;
  readonly #maxDistance: number;

  /** @param maxDistance the largest distance of two faces that the graph links. */
  constructor(dimension: number, metric: Metric, maxDistance: number, links?: Links) {
    this.#hnsw = new Hnsw(dimension, links);
    this.#metric = metric;
    this.#maxDistance = maxDistance;
  }

  /**
   * The graph of stored blocks, whose embeddings are not restored yet; an empty one if blocks are missing, because they were removed
   * while others were read: their faces would be linked to faces that the graph lacks.
   *
   * @param blocks in order.
   * @param count the number of faces in the blocks.
   */
  static async fromBlocks(
    blocks: Iterable<GraphBlock> | AsyncIterable<GraphBlock>,
    count: number,
    { dimension, metric, maxDistance }: { dimension: number; metric: Metric; maxDistance: number },
    signal?: AbortSignal,
  ): Promise<FaceGraph> {
    const links = new Links();
    const graph = new FaceGraph(dimension, metric, maxDistance, links);
    for await (const block of blocks) {
      const rows = Math.min(graphBlockSize, count - links.size);
      if (rows <= 0) break;
      links.appendBlock(block, rows);
      graph.lists.appendBlock(block, rows);
      await yieldToEventLoop(signal);
    }
    return links.size < count ? new FaceGraph(dimension, metric, maxDistance) : graph;
  }

  /** The number of faces with an embedding. */
  get size(): number {
    return this.#hnsw.size;
  }

  /** Appends the embedding of a face whose links are in the blocks. */
  restore(embedding: Float32Array): void {
    this.#hnsw.restore(embedding);
  }

  /** Appends a face and links it to those near it. */
  add(embedding: Float32Array): void {
    const face = this.size;
    const found = this.#hnsw.add(embedding);
    this.lists.append();
    this.#link(face, found);
  }

  /** Replaces the embeddings of faces and links them again. Yields to the event loop. Call it again with all of them if it fails. */
  async replace(
    faces: readonly { number: number; embedding: Float32Array }[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const { number, embedding } of faces) this.#hnsw.vectors.set(number, embedding);
    await this.lists.unlink(
      faces.map(({ number }) => number),
      (a, b) => {
        const distance = this.distance(a, b);
        return distance > this.#maxDistance ? undefined : distance;
      },
      signal,
    );
    for (const { number } of faces) {
      this.#link(number, this.#hnsw.relink(number));
      await yieldToEventLoop(signal);
    }
  }

  #link(face: number, found: Found): void {
    const count = Math.min(found.rows.length, 2 * listLength);
    for (let i = 0; i < count; i++) {
      const distance = this.#toMetric(found.distances[i] as number);
      if (distance > this.#maxDistance) break;
      this.lists.link(face, found.rows[i] as number, distance);
    }
  }

  /** Appends faces, yielding to the event loop. */
  async addAll(embeddings: Iterable<Float32Array>, signal?: AbortSignal): Promise<void> {
    for (const embedding of embeddings) {
      this.add(embedding);
      await yieldToEventLoop(signal);
    }
  }

  /** A graph of some of the faces, by their indices in the list. */
  async among(faces: readonly number[], signal?: AbortSignal): Promise<FaceGraph> {
    const graph = new FaceGraph(this.#hnsw.vectors.dimension, this.#metric, this.#maxDistance);
    for (const face of faces) {
      graph.add(this.embedding(face));
      await yieldToEventLoop(signal);
    }
    return graph;
  }

  embedding(face: number): Float32Array {
    return this.#hnsw.vectors.row(face);
  }

  /** The distance of two faces, in the metric of the model. */
  distance(a: number, b: number): number {
    return this.#toMetric(this.#hnsw.vectors.distance(a, b));
  }

  /** The faces nearest to an embedding. */
  nearest(embedding: Float32Array, limit: number): { face: number; distance: number }[] {
    const { rows, distances } = this.#hnsw.search(embedding, limit, Math.max(searchBreadth, 2 * limit));
    return rows.map((face, i) => ({ face, distance: this.#toMetric(distances[i] as number) }));
  }

  /**
   * The blocks that hold the graph, as they are stored. Yields to the event loop. They share the memory of the graph: store them before a
   * face is added.
   */
  async blocks(): Promise<GraphBlock[]> {
    const blocks: GraphBlock[] = [];
    for (let number = 0; number * graphBlockSize < this.size; number++) {
      blocks.push({ number, ...this.lists.block(number), ...this.#hnsw.links.block(number) });
      await yieldToEventLoop(undefined);
    }
    return blocks;
  }

  /** Embeddings have length 1, so that both metrics follow from the dot product. */
  #toMetric(distance: number): number {
    return this.#metric === 'cosine' ? distance : Math.sqrt(2 * Math.max(0, distance));
  }
}
