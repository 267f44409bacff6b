// The process in which a target of Node's runs, so that a hang or a crash is noticed by who started it.
import type { Answer } from './hosts.ts';
import { nodeTargets } from './node-targets.ts';

const target = nodeTargets[process.argv[2] as string];
if (!target) throw new Error(`there is no target ${process.argv[2]}`);
const properties = () =>
  [Object, Array, Function, String, Number, Promise].map(({ prototype }) => Reflect.ownKeys(prototype).length).join();
const clean = properties();

process.on('message', async (message: { given?: unknown; measure?: true }) => {
  if (message.measure) {
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      // Buffers are given back some moments after what held them is gone.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { heapUsed, external } = process.memoryUsage();
    process.send?.({ held: heapUsed + external } satisfies Answer);
    return;
  }
  let answer: Answer;
  try {
    answer = { outcome: await target.run(message.given) };
  } catch (error) {
    answer = { finding: error instanceof Error ? `${error.stack}` : String(error) };
  }
  if (properties() !== clean) answer = { finding: 'a prototype was polluted' };
  process.send?.(answer);
});

process.send?.({ outcome: 'ready' } satisfies Answer);

process.on('disconnect', () => process.exit(0));
