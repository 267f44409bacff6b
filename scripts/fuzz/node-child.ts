// Runs the cases of one Node target in a process of its own, so that its parent survives hangs and crashes. Its arguments are the
// module and the name of the target.
import type { Answer } from './host.ts';
import { prototypeProperties } from './prototypes.ts';
import type { NodeTarget } from './target.ts';

const [module, name] = process.argv.slice(2) as [string, string];
const { targets } = (await import(module)) as { targets: Record<string, NodeTarget> };
const target = targets[name];
if (!target) throw new Error(`${module} has no target ${name}`);
const clean = prototypeProperties();

process.on('message', async (message: { given?: unknown; measure?: true }) => {
  if (message.measure) {
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      // Array buffers are freed some time after their objects are collected.
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
  if (prototypeProperties() !== clean) answer = { finding: 'a prototype was polluted' };
  process.send?.(answer);
});

process.send?.({ outcome: 'ready' } satisfies Answer);

process.on('disconnect', () => process.exit(0));
