import type { StageTimes, TrackedFrame } from 'facenet-web';

/** How fast frames are worked on. */
export interface Figures {
  /** Frames per second; 0 until there are two. */
  rate: number;
  /** Milliseconds of each stage, in the mean of the frames that needed it. */
  stages: StageTimes;
}

/** How many frames the figures are about: enough to be steady, few enough to be of now. */
const framesInView = 30;

/** Measures how fast frames are worked on. */
export class FrameMeter {
  #frames: TrackedFrame[] = [];

  add(frame: TrackedFrame): void {
    this.#frames = [...this.#frames.slice(1 - framesInView), frame];
  }

  get figures(): Figures {
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
