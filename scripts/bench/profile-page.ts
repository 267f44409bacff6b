// Runs in the page, bundled: the time of each step of embed(photo), in this thread.

import { openPicture } from '../../lib/image/picture.ts';
import type { PixelSource, Raster, Resampler } from '../../lib/image/pixel-source.ts';
import { handlers } from '../../lib/pipeline/handlers.ts';
import { loadStages } from '../../lib/pipeline/load-stages.ts';
import { detectionLimits, type LoadOptions } from '../../lib/pipeline/options.ts';
import type { Stages } from '../../lib/pipeline/stages.ts';

/** The milliseconds and the number of executions of each step in one call. */
export type StepTimes = Record<string, { ms: number; count: number }>;

/** Adds up the time of steps. A step within another one does not count for the outer one. */
class StepClock {
  readonly times: StepTimes = {};
  readonly #running: string[] = [];
  #since = performance.now();

  /** Begins a step. */
  begin(name: string): void {
    this.#charge();
    this.#running.push(name);
    const step = this.times[name] ?? { ms: 0, count: 0 };
    step.count++;
    this.times[name] = step;
  }

  /** Ends the step that began last. */
  end(): void {
    this.#charge();
    this.#running.pop();
  }

  #charge(): void {
    const now = performance.now();
    const step = this.times[this.#running.at(-1) ?? ''];
    if (step) step.ms += now - this.#since;
    this.#since = now;
  }
}

let clock = new StepClock();

/** Loads the stages and measures a number of calls. @returns the steps of each call. */
export async function profile(photo: HTMLCanvasElement, options: LoadOptions, calls: number): Promise<StepTimes[]> {
  const stages = await loadStages(options, {});
  timeNetworks(stages);
  const resampler = stages.resampler && timedResampler(stages.resampler);
  const results: StepTimes[] = [];
  for (let call = 0; call < calls; call++) {
    clock = new StepClock();
    clock.begin('decoding of outputs, decisions, quality');
    clock.begin('bitmap of the photo');
    const picture = await openPicture(photo);
    clock.end();
    picture.resampler = resampler;
    timeReads(picture);
    await handlers.embedDetected(picture, stages, detectionLimits(photo, {}), undefined);
    picture.close();
    clock.end();
    results.push(clock.times);
  }
  return results;
}

function timeNetworks({ networks }: Stages): void {
  for (const network of networks) {
    const run = network.run.bind(network);
    network.run = async (images, signal) => {
      clock.begin(`network ${network.descriptor.name}`);
      try {
        return await run(images, signal);
      } finally {
        clock.end();
      }
    };
  }
}

function timedResampler(resampler: Resampler): Resampler {
  return {
    resample(source, plan) {
      clock.begin('resampling of views and crops');
      const pixels = resampler.resample(source, plan);
      clock.end();
      return pixels;
    },
  };
}

function timeReads(picture: PixelSource): void {
  const read = picture.read;
  let last: Raster | undefined;
  picture.read = (region) => {
    clock.begin('drawing and reading of the pixels');
    const raster = read(region);
    clock.end();
    // A picture that was read before answers with the same pixels.
    const step = clock.times['drawing and reading of the pixels'];
    if (raster === last && step) step.count--;
    last = raster;
    return raster;
  };
}
