/** The amount of work done, by kind. */
export interface SoakWork {
  frames: number;
  /** How often a video was watched from its start, and the number of ids that its two people got in all. */
  watches: number;
  ids: number;
  photos: number;
  enrolments: number;
  identifications: number;
  exports: number;
  loads: number;
}

/** Loops that run concurrently, and can be paused between two steps. */
export interface SoakLoops {
  work: SoakWork;
  errors: string[];
  /** Whether a step should end early. */
  readonly interrupted: boolean;
  /** Runs a step again and again, with a pause between two steps. An error is recorded, and the loop continues. */
  repeat(name: string, pauseMs: number, step: (round: number) => Promise<void>): void;
  /** Resolves once every loop is between two steps. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

/** Runs in the page. */
export function createLoops(): SoakLoops {
  const running: Promise<void>[] = [];
  const errors: string[] = [];
  let [stopped, paused, idle] = [false, false, 0];
  let resumed = Promise.resolve();
  let resume = () => {};
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const loop = async (name: string, pauseMs: number, step: (round: number) => Promise<void>) => {
    for (let round = 0; !stopped; round++) {
      try {
        await step(round);
      } catch (error) {
        errors.push(`${name}: ${error instanceof Error ? error.stack : error}`);
        await sleep(1000);
      }
      idle++;
      await sleep(pauseMs);
      if (paused) await resumed;
      idle--;
    }
  };
  return {
    work: { frames: 0, watches: 0, ids: 0, photos: 0, enrolments: 0, identifications: 0, exports: 0, loads: 0 },
    errors,
    get interrupted() {
      return paused || stopped;
    },
    repeat: (name, pauseMs, step) => void running.push(loop(name, pauseMs, step)),
    async pause() {
      paused = true;
      resumed = new Promise<void>((resolve) => {
        resume = resolve;
      });
      while (idle < running.length) await sleep(20);
    },
    resume() {
      paused = false;
      resume();
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
