import type { Browser, Page } from 'playwright';
import type { Server } from '../kit/browser.ts';
import { heapBytes } from '../kit/memory.ts';
import { progressLine } from '../kit/progress.ts';
import { checkAnswers } from './answers.ts';
import { openBenchPage, type SceneName, sceneNames, timeEmbedding, timeStages, timeVideo, warmUp } from './page.ts';
import { type Spread, type SystemReport, spread } from './report.ts';
import type { BenchSystem } from './systems.ts';

/** What is measured of a system that has warmed up. */
export type Steady = Pick<
  SystemReport,
  | 'rounds'
  | 'imageToEmbedding'
  | 'imageToEmbeddingUpright'
  | 'stages'
  | 'tensors'
  | 'peakMemory'
  | 'videoFps'
  | 'answers'
>;

/** What else happens while systems are measured. */
export interface SteadyHooks {
  /** Is measured once in every round too. */
  alongside: () => Promise<void>;
  /** Is told of a system that cannot be measured; the others go on. */
  onFailure: (system: BenchSystem, error: unknown) => void;
}

const framesPerVideo = 30;

/**
 * Measures systems that are warm, each in a page of its own, in turns: whatever disturbs the machine meanwhile disturbs
 * all of them alike.
 */
export async function measureSteady(
  browser: Browser,
  server: Server,
  systems: readonly BenchSystem[],
  rounds: number,
  { alongside, onFailure }: SteadyHooks,
): Promise<Map<string, Steady>> {
  const runs: Run[] = [];
  const report = progressLine('warming up', systems.length);
  for (const [i, system] of systems.entries()) {
    try {
      runs.push(await Run.begin(browser, server, system, rounds));
    } catch (error) {
      onFailure(system, error);
    }
    report(i + 1);
  }
  const reportRounds = progressLine('rounds', rounds);
  for (let round = 0; round < rounds; round++) {
    await alongside();
    // Nobody always comes first, or always after the same.
    const order = round % 2 === 0 ? runs : [...runs].reverse();
    for (const scene of sceneNames) {
      for (const run of order) await run.embed(scene);
    }
    for (const run of order) await run.stages();
    // Video is thirty measurements at once.
    if (round % 10 === 0) for (const run of order) await run.video();
    reportRounds(round + 1);
  }
  const results = new Map<string, Steady>();
  for (const run of runs) results.set(run.system.name, await run.end());
  return results;
}

/** The measurements of one system. */
class Run {
  readonly system: BenchSystem;
  readonly rounds: number;
  readonly #page: Page;
  readonly #scenes: readonly SceneName[];
  readonly #checked: Awaited<ReturnType<typeof checkAnswers>>;
  readonly #ways: string[];
  readonly #times = new Map<string, number[]>();
  #fps: number[] = [];
  #peakMemory = 0;

  private constructor(
    system: BenchSystem,
    rounds: number,
    page: Page,
    scenes: readonly SceneName[],
    checked: Awaited<ReturnType<typeof checkAnswers>>,
    ways: string[],
  ) {
    this.system = system;
    this.rounds = rounds;
    this.#page = page;
    this.#scenes = scenes;
    this.#checked = checked;
    this.#ways = ways;
  }

  static async begin(browser: Browser, server: Server, system: BenchSystem, rounds: number): Promise<Run> {
    const scenes = system.emulated ? sceneNames.slice(0, 1) : sceneNames;
    const page = await openBenchPage(browser, server, system);
    await page.evaluate(warmUp, { options: system.options, scenes });
    const checked = await checkAnswers(page, system, scenes);
    const ways = await page.evaluate(() => Object.keys(bench.subject.embed));
    return new Run(system, rounds, page, scenes, checked, ways);
  }

  async embed(scene: SceneName): Promise<void> {
    if (!this.#scenes.includes(scene)) return;
    for (const way of this.#ways) {
      const { ms, faces } = await this.#page.evaluate(timeEmbedding, { way, scene });
      const expected = this.#checked.answers.faces[scene];
      if (faces !== expected) {
        throw new Error(`${this.system.name} (${way}) gave ${faces} embeddings, not ${expected}, for scene ${scene}.`);
      }
      this.#keep(`${way} ${scene}`, ms);
    }
    this.#peakMemory = Math.max(this.#peakMemory, await heapBytes(this.#page, { collected: false }));
  }

  async stages(): Promise<void> {
    const times = await this.#page.evaluate(timeStages);
    for (const [name, ms] of Object.entries(times)) this.#keep(`stage ${name}`, ms);
  }

  async video(): Promise<void> {
    if (this.system.emulated) return;
    const { fps, seen } = await this.#page.evaluate(timeVideo, framesPerVideo);
    if (seen < framesPerVideo * 0.9) {
      throw new Error(`${this.system.name} saw the face in ${seen} of ${framesPerVideo} frames only.`);
    }
    this.#fps.push(fps);
  }

  /** Checks that the last answers are as right as the first, and that no tensor is left behind. */
  async end(): Promise<Steady> {
    const { answers, tensors } = await checkAnswers(this.#page, this.system, this.#scenes);
    if (this.system.family === 'facenet-web' && tensors !== this.#checked.tensors) {
      throw new Error(`${this.system.name} held ${this.#checked.tensors} tensors at first and holds ${tensors} now.`);
    }
    await this.#page.close();
    const upright = this.#ways.includes('upright') && { imageToEmbeddingUpright: this.#spreads('upright ') };
    return {
      rounds: this.rounds,
      imageToEmbedding: this.#spreads('default '),
      ...upright,
      stages: this.#spreads('stage '),
      tensors,
      peakMemory: this.#peakMemory,
      videoFps: this.#fps.length > 0 ? spread(this.#fps).median : null,
      answers,
    };
  }

  #keep(name: string, ms: number): void {
    const times = this.#times.get(name);
    if (times) times.push(ms);
    else this.#times.set(name, [ms]);
  }

  /** The spreads of the times whose names begin so, by the rest of their names. */
  #spreads(prefix: string): Record<string, Spread> {
    const entries = [...this.#times].filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(entries.map(([name, times]) => [name.slice(prefix.length), spread(times)]));
  }
}
