import type { Page } from 'playwright';
import type { BrowserSession } from '../kit/browser.ts';
import { heapBytes } from '../kit/memory.ts';
import { progressLine } from '../kit/progress.ts';
import { type Spread, spread } from '../kit/statistics.ts';
import { checkAnswers } from './check-answers.ts';
import { openBenchPage, timeEmbedding, timeStages, timeVideo, warmUp } from './page.ts';
import type { SystemReport } from './report.ts';
import { type SceneName, sceneNames } from './scenes.ts';
import type { BenchSystem } from './subject.ts';

/** The measurements of a system that has warmed up. */
export type SteadyState = Pick<
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

/** Calls of {@link measureSteadyState}. */
export interface SteadyStateHooks {
  /** Is called once in every round. */
  onRound: () => Promise<void>;
  /** Is called for a system that cannot be measured; the others continue. */
  onFailure: (system: BenchSystem, error: unknown) => void;
}

const framesPerVideo = 30;

/**
 * Measures warm systems in turn, each in a page of its own, so that load from other processes affects all of them alike.
 *
 * @returns the measurements by system name.
 */
export async function measureSteadyState(
  session: BrowserSession,
  systems: readonly BenchSystem[],
  rounds: number,
  { onRound, onFailure }: SteadyStateHooks,
): Promise<Map<string, SteadyState>> {
  const runs: Run[] = [];
  const report = progressLine('warming up', systems.length);
  for (const [i, system] of systems.entries()) {
    try {
      runs.push(await Run.begin(session, system));
    } catch (error) {
      onFailure(system, error);
    }
    report(i + 1);
  }
  const reportRounds = progressLine('rounds', rounds);
  for (let round = 0; round < rounds; round++) {
    await onRound();
    // Alternate the order, so that no system always follows the same one.
    const order = round % 2 === 0 ? runs : [...runs].reverse();
    for (const scene of sceneNames) {
      for (const run of order) await run.embed(scene);
    }
    for (const run of order) await run.stages();
    // A video is thirty measurements, so a tenth of the rounds suffices.
    if (round % 10 === 0) for (const run of order) await run.video();
    reportRounds(round + 1);
  }
  const results = new Map<string, SteadyState>();
  for (const run of runs) results.set(run.system.name, { rounds, ...(await run.end()) });
  return results;
}

/** The measurements of one system. */
class Run {
  readonly system: BenchSystem;
  readonly #page: Page;
  readonly #scenes: readonly SceneName[];
  readonly #checked: Awaited<ReturnType<typeof checkAnswers>>;
  readonly #variants: string[];
  readonly #times = new Map<string, number[]>();
  readonly #fps: number[] = [];
  #peakMemory = 0;

  private constructor(
    system: BenchSystem,
    page: Page,
    scenes: readonly SceneName[],
    checked: Awaited<ReturnType<typeof checkAnswers>>,
    variants: string[],
  ) {
    this.system = system;
    this.#page = page;
    this.#scenes = scenes;
    this.#checked = checked;
    this.#variants = variants;
  }

  static async begin({ browser, server }: BrowserSession, system: BenchSystem): Promise<Run> {
    const scenes = system.emulated ? sceneNames.slice(0, 1) : sceneNames;
    const page = await openBenchPage(browser, server, system);
    await page.evaluate(warmUp, { options: system.options, scenes });
    const checked = await checkAnswers(page, system, scenes);
    const variants = await page.evaluate(() => Object.keys(bench.subject.embed));
    return new Run(system, page, scenes, checked, variants);
  }

  async embed(scene: SceneName): Promise<void> {
    if (!this.#scenes.includes(scene)) return;
    for (const variant of this.#variants) {
      const { ms, faces } = await this.#page.evaluate(timeEmbedding, { variant, scene });
      const expected = this.#checked.answers.faces[scene];
      if (faces !== expected) {
        throw new Error(
          `${this.system.name} (${variant}) gave ${faces} embeddings, not ${expected}, for the scene ${scene}.`,
        );
      }
      this.#record(`${variant} ${scene}`, ms);
    }
    this.#peakMemory = Math.max(this.#peakMemory, await heapBytes(this.#page, { collected: false }));
  }

  async stages(): Promise<void> {
    const times = await this.#page.evaluate(timeStages);
    for (const [name, ms] of Object.entries(times)) this.#record(`stage ${name}`, ms);
  }

  async video(): Promise<void> {
    if (this.system.emulated) return;
    const { fps, framesWithFace } = await this.#page.evaluate(timeVideo, framesPerVideo);
    if (framesWithFace < framesPerVideo * 0.9) {
      throw new Error(`${this.system.name} found the face in only ${framesWithFace} of ${framesPerVideo} frames.`);
    }
    this.#fps.push(fps);
  }

  /** Checks that the results are still right and that no tensor leaked, and closes the page. */
  async end(): Promise<Omit<SteadyState, 'rounds'>> {
    const { answers, tensors } = await checkAnswers(this.#page, this.system, this.#scenes);
    if (this.system.family === 'facenet-web' && tensors !== this.#checked.tensors) {
      throw new Error(`${this.system.name} held ${this.#checked.tensors} tensors at first and holds ${tensors} now.`);
    }
    await this.#page.close();
    const upright = this.#variants.includes('upright') && { imageToEmbeddingUpright: this.#spreads('upright ') };
    return {
      imageToEmbedding: this.#spreads('default '),
      ...upright,
      stages: this.#spreads('stage '),
      tensors,
      peakMemory: this.#peakMemory,
      videoFps: this.#fps.length > 0 ? spread(this.#fps).median : null,
      answers,
    };
  }

  #record(name: string, ms: number): void {
    const times = this.#times.get(name);
    if (times) times.push(ms);
    else this.#times.set(name, [ms]);
  }

  /** The spreads of the times whose names start with a prefix, by the rest of their names. */
  #spreads(prefix: string): Record<string, Spread> {
    const entries = [...this.#times].filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(entries.map(([name, times]) => [name.slice(prefix.length), spread(times)]));
  }
}
