import type { Pixels } from '../../../core/types.ts';
import { isGrey } from '../../../image/dlib/byte-image.ts';
import { doubledSize, shrunkSize } from '../../../image/dlib/pyramid.ts';
import { columnsOf, rowsOf } from '../../../image/dlib/resize.ts';
import type { HogKernels } from './hog-kernels.ts';
import type { WasmArena } from './wasm-arena.ts';

const { fround } = Math;

/** An image in the memory of the kernels: RGBA, 8 bits each. A grey one has three equal colours. */
export class WasmImage {
  width: number;
  height: number;
  /** The address of its first byte. */
  address: number;
  readonly #kernels: HogKernels;
  readonly #arena: WasmArena;
  readonly #rounding: number;
  /** The address of the memory for the next level. */
  #spare = 0;

  constructor(kernels: HogKernels, arena: WasmArena, { width, height, data }: Pixels) {
    this.#kernels = kernels;
    this.#arena = arena;
    this.width = width;
    this.height = height;
    // dlib rounds grey levels and truncates colours.
    this.#rounding = isGrey(data) ? 0.5 : 0;
    this.address = arena.store(data);
  }

  /**
   * Doubles the image several times, as dlib's `pyramid_up`. Reserves the memory for all of them first, so that a picture that is too large
   * is refused before the work.
   *
   * @throws {FaceNetError} `option-invalid` when the memory cannot grow.
   */
  double(times: number): void {
    let size: { width: number; height: number } = this;
    const levels = Array.from({ length: times }, () => {
      size = doubledSize(size);
      return { size, address: this.#arena.reserve(size.width * size.height * 4) };
    });
    for (const level of levels) this.#resize(level.size, level.address);
  }

  /** Reserves the memory for the next level now, so that what is reserved later can be freed. */
  reserve(): void {
    const { width, height } = shrunkSize(this);
    this.#spare = this.#arena.reserve(width * height * 4);
  }

  /** Shrinks the image to 5/6 of its size, as dlib's `pyramid_down<6>`. Needs {@link reserve} once before. */
  shrink(): void {
    const size = shrunkSize(this);
    const last = this.address;
    this.#resize(size, this.#spare);
    this.#spare = last;
  }

  #resize({ width, height }: { width: number; height: number }, output: number): void {
    const columns = columnsOf(this.width, width);
    const rows = rowsOf(this.height, height);
    const lastColumn = this.width - 1;
    const stride = this.width * 4;
    const tables = this.#arena.mark();
    const store = (values: Uint32Array | Float32Array) => this.#arena.store(values);
    this.#kernels.resizeImage(
      this.address,
      store(Uint32Array.from(columns.left, (left) => left * 4)),
      store(Uint32Array.from(columns.left, (left) => Math.min(left + 1, lastColumn) * 4)),
      store(columns.share),
      store(Uint32Array.from(rows, ({ top }) => top * stride)),
      store(Uint32Array.from(rows, ({ bottom }) => bottom * stride)),
      store(Float32Array.from(rows, ({ share }) => share)),
      store(Float32Array.from(rows, ({ share }) => fround(1 - share))),
      output,
      width,
      height,
      this.#rounding,
    );
    this.#arena.release(tables);
    [this.width, this.height, this.address] = [width, height, output];
  }
}
