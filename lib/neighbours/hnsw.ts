import { seeded } from '../core/random.ts';
import { Heap } from './heap.ts';
import { Links, maxGround, maxUpper } from './links.ts';
import { createVectors, probe, type Vectors } from './vectors.ts';

/** Rows with their distances, nearest first. */
export interface Found {
  rows: number[];
  distances: number[];
}

/** The number of links that a new row gets, and that are left in the ground layer and above when a list is full. */
const newLinks = 8;
const keptGround = 16;
const keptUpper = 8;

/** The number of candidates that {@link Hnsw.add} examines. Chosen by `npm run library` (docs/library.md). */
const candidates = 70;

/** Up to this size a search compares with all vectors: it is as fast, and exact. */
const exactSize = 1000;

/**
 * An approximate index of nearest neighbours for vectors of length 1: a hierarchical navigable small world graph. (Malkov and
 * Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World graphs", TPAMI 2020)
 *
 * Distances are 1 minus the dot product. A vector is never removed: the caller ignores rows that it no longer needs. One that is replaced
 * has to be linked again.
 */
export class Hnsw {
  readonly vectors: Vectors;
  readonly links: Links;
  /** When each row was last visited, as a number of the search. */
  #visited = new Uint32Array(1024);
  #search = 0;

  /**
   * @param dimension the length of the vectors.
   * @param links the links of the rows that {@link restore} adds. Default: none.
   */
  constructor(dimension: number, links = new Links()) {
    this.vectors = createVectors(dimension);
    this.links = links;
  }

  /** The number of vectors. */
  get size(): number {
    return this.vectors.size;
  }

  /** Appends a vector whose links are known. */
  restore(vector: Float32Array): void {
    this.vectors.add(vector);
  }

  /** Appends a vector. @returns the rows near it that were examined, nearest first, without itself. */
  add(vector: Float32Array): Found {
    const { entry, top } = this.links;
    const row = this.vectors.add(vector);
    this.links.append(row, levelOf(row));
    return row === 0 ? { rows: [], distances: [] } : this.#link(row, entry, top);
  }

  /** Links a row again after its vector was replaced. @returns as {@link add}. */
  relink(row: number): Found {
    return this.#link(row, this.links.entry, this.links.top);
  }

  #link(row: number, entry: number, top: number): Found {
    const level = levelOf(row);
    let near: Found = { rows: [entry], distances: [this.vectors.distance(entry, row)] };
    for (let layer = top; layer > level; layer--) near = this.#searchLayer(row, near, 1, layer);
    for (let layer = Math.min(level, top); layer >= 0; layer--) {
      near =
        layer === 0 && this.size <= exactSize + 1
          ? this.#scan(row, candidates, this.size)
          : this.#searchLayer(row, near, candidates, layer);
      this.#connect(row, without(near, row), layer);
    }
    return without(near, row);
  }

  /** The nearest rows. @param breadth the number of rows to examine: more find more of the true neighbours. */
  search(vector: Float32Array, limit: number, breadth = 2 * candidates): Found {
    if (this.size === 0) return { rows: [], distances: [] };
    this.vectors.set(probe, vector);
    if (this.size <= exactSize) return this.#scan(probe, limit, this.size);
    const { entry, top } = this.links;
    let near: Found = { rows: [entry], distances: [this.vectors.distance(entry, probe)] };
    for (let layer = top; layer > 0; layer--) near = this.#searchLayer(probe, near, 1, layer);
    const { rows, distances } = this.#searchLayer(probe, near, Math.max(limit, breadth), 0);
    return { rows: rows.slice(0, limit), distances: distances.slice(0, limit) };
  }

  /** Compares a row with the first rows. */
  #scan(target: number, limit: number, end: number): Found {
    const nearest = new Heap(-1);
    for (let row = 0; row < end; row++) {
      if (row !== target) offer(nearest, row, this.vectors.distance(row, target), limit);
    }
    return sorted(nearest);
  }

  /** Follows links from the start to rows nearer to the target, until the nearest unvisited row is farther than all found. */
  #searchLayer(target: number, start: Found, breadth: number, layer: number): Found {
    const visited = this.#startSearch();
    const open = new Heap(1);
    const nearest = new Heap(-1);
    start.rows.forEach((row, i) => {
      visited[row] = this.#search;
      open.push(row, start.distances[i] as number);
      offer(nearest, row, start.distances[i] as number, breadth);
    });
    while (open.size > 0 && (nearest.size < breadth || open.topDistance <= nearest.topDistance)) {
      const neighbours = this.links.of(open.pop(), layer);
      for (let i = 1; i <= (neighbours[0] as number); i++) {
        const row = neighbours[i] as number;
        if (visited[row] === this.#search) continue;
        visited[row] = this.#search;
        const distance = this.vectors.distance(row, target);
        if (nearest.size < breadth || distance < nearest.topDistance) {
          open.push(row, distance);
          offer(nearest, row, distance, breadth);
        }
      }
    }
    return sorted(nearest);
  }

  #startSearch(): Uint32Array {
    this.#search++;
    if (this.#visited.length < this.size) this.#visited = new Uint32Array(2 * this.size);
    return this.#visited;
  }

  /** Links a row and its neighbours in both directions. Former links stay as far as there is place, so that no row is cut off. */
  #connect(row: number, near: Found, layer: number): void {
    const [max, kept] = layer === 0 ? [maxGround, keptGround] : [maxUpper, keptUpper];
    const chosen = this.#diverse(near, newLinks);
    const former = this.links.rowsOf(row, layer);
    this.links.set(row, layer, [...new Set([...chosen.rows, ...former])].slice(0, max));
    chosen.rows.forEach((other, i) => {
      const linked = this.links.rowsOf(other, layer);
      if (linked.includes(row)) return;
      const rows = [...linked, row];
      this.links.set(
        other,
        layer,
        rows.length > max ? this.#prune(other, rows, chosen.distances[i] as number, kept) : rows,
      );
    });
  }

  /** The most useful links of a row. @param distance of the last of them; the others are computed. */
  #prune(row: number, linked: readonly number[], distance: number, kept: number): number[] {
    const last = linked.length - 1;
    const distances = linked.map((other, i) => (i === last ? distance : this.vectors.distance(row, other)));
    const order = linked.map((_, i) => i).sort((a, b) => (distances[a] as number) - (distances[b] as number));
    const ordered = {
      rows: order.map((i) => linked[i] as number),
      distances: order.map((i) => distances[i] as number),
    };
    return this.#diverse(ordered, kept).rows;
  }

  /**
   * Selects neighbours in different directions: those nearer to the row than to any selected one, then the nearest of the rest.
   * (Algorithm 4 of the paper)
   */
  #diverse({ rows, distances }: Found, max: number): Found {
    const chosen: number[] = [];
    const rest: number[] = [];
    for (let i = 0; i < rows.length && chosen.length < max; i++) {
      const isDirect = this.#isDirect(rows, chosen, rows[i] as number, distances[i] as number);
      (isDirect ? chosen : rest).push(i);
    }
    const all = [...chosen, ...rest.slice(0, max - chosen.length)];
    return { rows: all.map((i) => rows[i] as number), distances: all.map((i) => distances[i] as number) };
  }

  /** Whether a row is farther from all chosen rows than a distance. */
  #isDirect(rows: readonly number[], chosen: readonly number[], row: number, distance: number): boolean {
    for (let c = 0; c < chosen.length; c++) {
      if (this.vectors.distance(rows[chosen[c] as number] as number, row) < distance) return false;
    }
    return true;
  }
}

/** Keeps the nearest rows in a heap whose top is the farthest. */
function offer(nearest: Heap, row: number, distance: number, limit: number): void {
  if (nearest.size >= limit) {
    if (distance >= nearest.topDistance) return;
    nearest.pop();
  }
  nearest.push(row, distance);
}

function without({ rows, distances }: Found, row: number): Found {
  const at = rows.indexOf(row);
  const isOther = (_: number, i: number) => i !== at;
  return { rows: rows.filter(isOther), distances: distances.filter(isOther) };
}

function sorted(nearest: Heap): Found {
  const rows: number[] = [];
  const distances: number[] = [];
  while (nearest.size > 0) {
    distances.push(nearest.topDistance);
    rows.push(nearest.pop());
  }
  return { rows: rows.reverse(), distances: distances.reverse() };
}

/** The highest layer of a row: geometrically distributed, and the same in every run. */
function levelOf(row: number): number {
  return Math.min(15, Math.floor(-Math.log(1 - seeded(row)()) / Math.log(newLinks)));
}
