import type { BackendChoice, MeasuredBackend } from '../core/types.ts';
import { hardwareBackends } from '../runtime/backends/candidates.ts';
import { findFastest, type TimedBackend } from '../runtime/backends/fastest-backend.ts';
import { rememberedMeasurement, rememberMeasurement } from '../runtime/backends/remembered-measurement.ts';
import { discardLostContexts } from '../runtime/context-loss.ts';
import type { Network } from '../runtime/network.ts';
import { selfCheckPixels } from '../runtime/preprocess.ts';
import { freeStages, type Stages } from './stages.ts';

/** The timed runs of each network. One more, before them, compiles what a backend compiles on first use. */
const timedRuns = 5;

/** The stages of a backend that can be timed. */
interface TimedStages extends TimedBackend {
  stages: Stages;
}

/**
 * Compares the backend of loaded stages with those on a graphics card, and loads the stages on a faster one.
 *
 * @param load loads the stages on a backend.
 * @param whenIdle resolves when no request is pending: networks are timed between requests only.
 * @returns the stages to use from now on, `current` or others on a faster backend. Their backend lists what was measured.
 */
export async function fastestStages(
  current: Stages,
  load: (name: BackendChoice['name']) => Promise<Stages>,
  whenIdle: () => Promise<void>,
): Promise<Stages> {
  await whenIdle();
  const { names, rejected: missing } = await hardwareBackends();
  const models = current.networks.map(({ descriptor }) => descriptor.name);
  const remembered = names.length > 0 ? await rememberedMeasurement(models) : undefined;
  const timed = (stages: Stages): TimedStages => ({
    name: stages.backend.name,
    stages,
    time: () => timeNetworks(stages.networks, whenIdle),
    async dispose() {
      freeStages(stages);
      await discardLostContexts(stages.graphics);
    },
  });
  const contenders = names.map((name) => ({ name, start: async () => timed(await load(name)) }));
  const { winner, measured, rejected } = await findFastest(timed(current), contenders, remembered);
  if (!remembered && names.length > 0) await rememberMeasurement(models, { name: winner.name, measured });
  const { stages } = winner;
  const others = [...stages.backend.rejected, ...missing, ...rejected];
  return { ...stages, backend: { ...stages.backend, reason: reasonFor(stages, measured), rejected: others, measured } };
}

function reasonFor({ backend: { reason } }: Stages, measured: readonly MeasuredBackend[]): string {
  const times = measured.map(({ name, milliseconds }) => `${name} ${milliseconds.toFixed(1)} ms`).join(', ');
  return `${reason} (each network once: ${times})`;
}

/** The time to run each network once, on its self-check image: the sum of the medians of {@link timedRuns}. */
async function timeNetworks(networks: readonly Network[], whenIdle: () => Promise<void>): Promise<number> {
  let sum = 0;
  for (const network of networks) {
    const image = selfCheckPixels(network.descriptor.preprocessing);
    const times: number[] = [];
    for (let run = 0; run <= timedRuns; run++) {
      await whenIdle();
      const start = performance.now();
      await network.run([image]);
      if (run > 0) times.push(performance.now() - start);
    }
    sum += times.sort((a, b) => a - b)[Math.floor(timedRuns / 2)] as number;
  }
  return sum;
}
