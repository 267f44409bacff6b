import { endOfGroups, hogSize, sharesOf } from './cell-histograms.ts';
import { compileHogKernels, type HogKernels } from './hog-kernels.ts';
import { type DlibHogModel, marginOf, planeCount } from './hog-model.ts';
import type { HogScorer, ScoreMap, StartScorer } from './hog-scorer.ts';
import { orientationCount, orientationTable } from './orientations.ts';
import { WasmArena } from './wasm-arena.ts';
import { WasmImage } from './wasm-image.ts';

/** The bytes of a cell's histogram. */
const cellBytes = orientationCount * 4;

/** Creates scorers on WebAssembly kernels; undefined where they do not run. */
export async function wasmScorers(): Promise<StartScorer | undefined> {
  const module = await compileHogKernels();
  if (!module) return undefined;
  return (picture, doublings, model) => {
    // Each picture has an instance of its own, whose memory is freed with it.
    const kernels = new WebAssembly.Instance(module).exports as unknown as HogKernels;
    const arena = new WasmArena(kernels.memory);
    const image = new WasmImage(kernels, arena, picture);
    image.double(doublings);
    return new WasmScorer(kernels, arena, image, model);
  };
}

/** The filters of a classifier in memory: the index of the plane, and the addresses of row and column. */
type StoredFilter = { plane: number; row: number; column: number };

/** The histograms of all cells in memory, and the size of the planes without the margin of two cells. */
interface StoredHistograms {
  address: number;
  columns: number;
  rows: number;
  size: { columns: number; rows: number };
}

class WasmScorer implements HogScorer {
  readonly #kernels: HogKernels;
  readonly #arena: WasmArena;
  readonly #image: WasmImage;
  readonly #model: DlibHogModel;
  readonly #orientations: number;
  readonly #filters: StoredFilter[][];

  constructor(kernels: HogKernels, arena: WasmArena, image: WasmImage, model: DlibHogModel) {
    this.#kernels = kernels;
    this.#arena = arena;
    this.#image = image;
    this.#model = model;
    this.#orientations = arena.store(orientationTable());
    this.#filters = model.classifiers.map(({ filters }) =>
      filters.map(({ plane, row, column }) => ({ plane, row: arena.store(row), column: arena.store(column) })),
    );
    // Images are the larger part of the memory: reserve the second one before the buffers of a level.
    image.reserve();
  }

  get width(): number {
    return this.#image.width;
  }

  get height(): number {
    return this.#image.height;
  }

  shrink(): void {
    this.#image.shrink();
  }

  scoreMaps(): ScoreMap[] {
    const arena = this.#arena;
    const mark = arena.mark();
    const planes = this.#planes(this.#histograms());
    const { columns, rows } = hogSize(this.#image, this.#model.cell);
    const bytes = planes.stride - this.#slack();
    const sums = arena.reserve((rows + this.#model.rows) * planes.stride);
    const maps = this.#filters.map(() => arena.zeros(rows * planes.stride));
    this.#filters.forEach((filters, i) => {
      for (const { plane, row, column } of filters) {
        this.#kernels.addFilter(
          planes.address + plane * planes.bytes,
          planes.stride,
          row,
          this.#model.columns,
          column,
          this.#model.rows,
          sums,
          maps[i] as number,
          bytes,
          rows,
        );
      }
    });
    const stride = planes.stride / 4;
    const scores = maps.map((address) => ({ scores: arena.floats(address, rows * stride), columns, rows, stride }));
    arena.release(mark);
    return scores;
  }

  /** The bytes by which a row of a plane is longer than one of positions. */
  #slack(): number {
    return Math.ceil((this.#model.columns - 1) / 4) * 16;
  }

  /** Adds up the gradients of the cells. */
  #histograms(): StoredHistograms {
    const { address: image, width, height } = this.#image;
    const { cell } = this.#model;
    const size = hogSize(this.#image, cell);
    const [columns, rows] = [size.columns + 4, size.rows + 4];
    const below = columns * cellBytes;
    const across = sharesOf(width, cell);
    const down = sharesOf(height, cell);
    const lastColumn = Math.min((columns - 2) * cell, width) - 1;
    const address = this.#arena.zeros(rows * below);
    this.#kernels.addGradients(
      image,
      width * 4,
      lastColumn,
      Math.min((rows - 2) * cell, height) - 1,
      endOfGroups(lastColumn),
      this.#arena.store(across.cell.map((index) => index * cellBytes)),
      this.#arena.store(across.share),
      this.#arena.store(down.cell.map((index) => index * below)),
      this.#arena.store(down.share),
      this.#orientations,
      address,
      below,
    );
    return { address, columns, rows, size };
  }

  /** Normalises the histograms. @returns the address of the planes, and the bytes of a row and of a plane. */
  #planes({ address, columns, rows, size }: StoredHistograms) {
    const margin = marginOf(this.#model);
    const stride = Math.ceil(size.columns / 4) * 16 + this.#slack();
    const bytes = (size.rows + margin.top + margin.bottom) * stride;
    const planes = this.#arena.zeros(planeCount * bytes);
    const energies = this.#arena.reserve(columns * rows * 4);
    this.#kernels.addEnergies(address, energies, columns * rows);
    this.#kernels.normalize(
      address,
      energies,
      columns,
      size.columns,
      size.rows,
      planes + margin.top * stride + margin.left * 4,
      stride,
      bytes,
    );
    return { address: planes, stride, bytes };
  }
}
