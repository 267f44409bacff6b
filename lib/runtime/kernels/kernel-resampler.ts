import type { Box, Pixels, Point } from '../../core/types.ts';
import type { CropPlan, PixelSource, Raster, Resampler } from '../../image/pixel-source.ts';
import { stripsOf, toShrunk } from '../../image/shrink.ts';
import { instantiateKernels } from './wasm/instantiate.ts';
import { align, LinearMemory } from './wasm/linear-memory.ts';
import type { Kernels } from './wasm/signatures.ts';

/** Pixels in memory; `x` and `y` are the position of the first one in the picture. */
interface StoredPixels extends Point {
  address: number;
  /** Bytes from one row to the next. */
  stride: number;
  width: number;
  height: number;
}

/** A region of a picture, reduced to the means of its blocks. */
interface ShrunkRegion extends StoredPixels {
  source: WeakRef<PixelSource>;
  region: Box;
  block: number;
  /** The first address after it. */
  end: number;
}

/** Bytes for the sums of one column: four 16-bit words. */
const sumBytes = 8;

/** Bytes that the kernel may write after the last sum. */
const overrunBytes = 64;

/** Instantiates the kernels for resampling. */
export async function startKernelResampler(module: WebAssembly.Module): Promise<Resampler> {
  return new KernelResampler(await instantiateKernels(module));
}

/**
 * Resamples pictures with the WebAssembly kernels, in a memory of their own. Successive views often come from the same
 * picture, so the pixels read last stay in memory, followed by the region shrunk last.
 */
class KernelResampler implements Resampler {
  readonly #kernels: Kernels;
  readonly #memory: LinearMemory;
  #loaded: { raster: WeakRef<Raster>; end: number } | undefined;
  #shrunk: ShrunkRegion | undefined;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
    this.#memory = new LinearMemory(kernels.memory);
  }

  resample(source: PixelSource, { region, block, toSource, width, height, grid }: CropPlan): Pixels {
    const from = block === 1 ? this.#copyIn(source.read(region), region) : this.#shrink(source, region, block);
    const { a, b, c, d, e, f } = toShrunk(toSource, from, block);
    const bytes = width * height * 4;
    const to = this.#shrunk?.end ?? this.#loadedEnd;
    this.#memory.ensure(to + bytes);
    this.#kernels.sample(from.address, from.stride, from.width, from.height, a, b, c, d, e, f, to, width, height, grid);
    return { width, height, data: new Uint8ClampedArray(this.#memory.bytes(to, bytes)) };
  }

  /** Copies a raster into memory unless it is there already. Returns the pixels of a region of it. */
  #copyIn(raster: Raster, region: Box): StoredPixels {
    const { x, y, width, data } = raster;
    const base = this.#memory.end;
    const stride = width * 4;
    if (this.#loaded?.raster.deref() !== raster) {
      const end = align(base + data.length);
      this.#shrunk = undefined;
      this.#memory.ensure(end);
      this.#memory.bytes(base, data.length).set(data);
      this.#loaded = { raster: new WeakRef(raster), end };
    }
    return { ...region, address: base + (region.y - y) * stride + (region.x - x) * 4, stride };
  }

  /** The first address after the loaded pixels. */
  get #loadedEnd(): number {
    return this.#loaded?.end ?? this.#memory.end;
  }

  /** The means of a region's block×block squares. They are stored after the pixels that they are computed from. */
  #shrink(source: PixelSource, region: Box, block: number): StoredPixels {
    const last = this.#shrunk;
    if (last && last.source.deref() === source && last.block === block && isSameBox(last.region, region)) return last;
    this.#shrunk = undefined;
    const { x, y } = region;
    const width = Math.ceil(region.width / block);
    const height = Math.ceil(region.height / block);
    let address: number | undefined;
    let to = 0;
    for (const strip of stripsOf(region, block)) {
      const from = this.#copyIn(source.read(strip), strip);
      // The first strip is the largest: the others do not reach this address.
      address ??= to = this.#loadedEnd;
      const bytes = width * Math.ceil(strip.height / block) * 4;
      const sums = align(to + bytes);
      this.#memory.ensure(sums + strip.width * sumBytes + overrunBytes);
      this.#kernels.shrink(from.address, from.stride, strip.width, strip.height, block, sums, to);
      to += bytes;
    }
    const pixels = { x, y, address: address as number, stride: width * 4, width, height };
    this.#shrunk = { ...pixels, source: new WeakRef(source), region, block, end: align(to) };
    return pixels;
  }
}

function isSameBox(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
