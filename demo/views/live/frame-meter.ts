import type { StageTimes, TrackedFrame } from 'facenet-web';

/** The speed of frame processing. */
export interface FrameStats {
  /** Frames per second. 0 until there are two frames. */
  rate: number;
  /** The mean time of each stage, in milliseconds, over the frames that ran it. */
  stages: StageTimes;
}

/** The number of recent frames to average over. Fewer are unsteady, more react too slowly. */
const windowSize = 30;

/** Measures the speed of frame processing over the most recent frames. */
export class FrameMeter {
  #frames: TrackedFrame[] = [];

  add(frame: TrackedFrame): void {
    this.#frames = [...this.#frames.slice(1 - windowSize), frame];
  }

  get stats(): FrameStats {
    const [first, last] = [this.#frames[0], this.#frames.at(-1)];
    const rate = first && last && last !== first ? ((this.#frames.length - 1) * 1000) / (last.time - first.time) : 0;
    return {
      rate,
      stages: {
        ...this.#mean('detection'),
        ...this.#mean('landmarks'),
        ...this.#mean('embedding'),
      },
    };
  }

  #mean(stage: keyof StageTimes): StageTimes {
    const times = this.#frames.flatMap(({ elapsed }) => elapsed[stage] ?? []);
    return times.length > 0 ? { [stage]: times.reduce((sum, time) => sum + time, 0) / times.length } : {};
  }
}
