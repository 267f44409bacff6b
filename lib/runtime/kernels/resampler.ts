import type { Box, Pixels, Point } from '../../core/types.ts';
import type { CropPlan, PixelSource, Raster, Resampler } from '../../image/pixel-source.ts';
import { stripsOf, toShrunk } from '../../image/shrink.ts';
import type { Kernels } from './kernels.ts';
import { aligned, Memory } from './memory.ts';

/** Pixels as they lie in memory, and where in the picture they begin. */
interface Place extends Point {
  address: number;
  /** The bytes from one row to the next. */
  stride: number;
  width: number;
  height: number;
}

/** A region of a picture, shrunk. */
interface Shrunk extends Place {
  source: WeakRef<PixelSource>;
  region: Box;
  block: number;
  /** The first address behind it. */
  end: number;
}

/** What the sum of a column of a row of blocks takes, and what the kernel may write behind the last. */
const sumBytes = 8;
const slack = 64;

/**
 * Resamples pictures by the engine's kernels, in a memory of their own. Several views of one picture are often cut from the
 * same pixels: those that were read last are kept, and behind them those that were shrunk last.
 */
export class KernelResampler implements Resampler {
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  #read: { raster: WeakRef<Raster>; end: number } | undefined;
  #shrunk: Shrunk | undefined;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
    this.#memory = new Memory(kernels.memory);
  }

  resample(source: PixelSource, { region, block, toSource, width, height, grid }: CropPlan): Pixels {
    const from = block === 1 ? this.#enter(source.read(region), region) : this.#shrink(source, region, block);
    const { a, b, c, d, e, f } = toShrunk(toSource, from, block);
    const bytes = width * height * 4;
    const to = this.#shrunk?.end ?? this.#readEnd;
    this.#memory.reserve(to + bytes);
    this.#kernels.sample(from.address, from.stride, from.width, from.height, a, b, c, d, e, f, to, width, height, grid);
    return { width, height, data: new Uint8ClampedArray(this.#memory.bytes(to, bytes)) };
  }

  /** Makes sure that a raster's pixels are in memory; where a region of it lies. */
  #enter(raster: Raster, region: Box): Place {
    const { x, y, width, data } = raster;
    const base = this.#memory.end;
    const stride = width * 4;
    if (this.#read?.raster.deref() !== raster) {
      const end = aligned(base + data.length);
      this.#shrunk = undefined;
      this.#memory.reserve(end);
      this.#memory.bytes(base, data.length).set(data);
      this.#read = { raster: new WeakRef(raster), end };
    }
    return { ...region, address: base + (region.y - y) * stride + (region.x - x) * 4, stride };
  }

  /** The first address behind what was read. */
  get #readEnd(): number {
    return this.#read?.end ?? this.#memory.end;
  }

  /** The means of a region's squares of block×block pixels, behind the pixels that they are made from. */
  #shrink(source: PixelSource, region: Box, block: number): Place {
    const last = this.#shrunk;
    if (last && last.source.deref() === source && last.block === block && isSame(last.region, region)) return last;
    this.#shrunk = undefined;
    const { x, y } = region;
    const width = Math.ceil(region.width / block);
    const height = Math.ceil(region.height / block);
    let address: number | undefined;
    let to = 0;
    for (const strip of stripsOf(region, block)) {
      const from = this.#enter(source.read(strip), strip);
      // No strip is larger than the first.
      address ??= to = this.#readEnd;
      const bytes = width * Math.ceil(strip.height / block) * 4;
      const sums = aligned(to + bytes);
      this.#memory.reserve(sums + strip.width * sumBytes + slack);
      this.#kernels.shrink(from.address, from.stride, strip.width, strip.height, block, sums, to);
      to += bytes;
    }
    const place = { x, y, address: address as number, stride: width * 4, width, height };
    this.#shrunk = { ...place, source: new WeakRef(source), region, block, end: aligned(to) };
    return place;
  }
}

function isSame(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
