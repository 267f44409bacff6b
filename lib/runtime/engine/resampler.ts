import { type Cut, type PixelSource, type Resampler, stripsOf } from '../../image/warp.ts';
import type { Box, Pixels } from '../../types.ts';
import type { Kernels } from './kernels.ts';
import { aligned, Memory } from './memory.ts';

/** A region of a picture as it lies in memory, shrunk. */
interface Shrunk {
  source: WeakRef<PixelSource>;
  region: Box;
  block: number;
  width: number;
  height: number;
  /** The first address behind it. */
  end: number;
}

/**
 * Resamples pictures by the engine's kernels, in a memory of their own. Several views of one picture are often cut from the
 * same pixels: those that were shrunk last are kept.
 */
export class KernelResampler implements Resampler {
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  #last: Shrunk | undefined;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
    this.#memory = new Memory(kernels.memory);
  }

  resample(source: PixelSource, { region, block, toShrunk, width, height, grid }: Cut): Pixels {
    const shrunk = this.#shrunk(source, region, block);
    const { a, b, c, d, e, f } = toShrunk;
    const bytes = width * height * 4;
    this.#memory.reserve(shrunk.end + bytes);
    const from = this.#memory.end;
    this.#kernels.sample(from, shrunk.width, shrunk.height, a, b, c, d, e, f, shrunk.end, width, height, grid);
    return { width, height, data: new Uint8ClampedArray(this.#memory.bytes(shrunk.end, bytes)) };
  }

  #shrunk(source: PixelSource, region: Box, block: number): Shrunk {
    const last = this.#last;
    if (last && last.source.deref() === source && last.block === block && isSame(last.region, region)) return last;
    this.#last = undefined;
    const width = Math.ceil(region.width / block);
    const height = Math.ceil(region.height / block);
    const end = aligned(this.#memory.end + width * height * 4);
    let to = this.#memory.end;
    for (const strip of stripsOf(source, region, block)) {
      const at = block === 1 ? to : end;
      this.#memory.reserve(at + strip.data.length);
      this.#memory.bytes(at, strip.data.length).set(strip.data);
      if (block > 1) this.#kernels.shrink(at, strip.width, strip.height, block, to);
      to += width * Math.ceil(strip.height / block) * 4;
    }
    this.#last = { source: new WeakRef(source), region, block, width, height, end };
    return this.#last;
  }
}

function isSame(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
