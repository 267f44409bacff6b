// A worker that runs a network on our kernels. The first thread of several waits for the others, which a page's thread may not.
import { kernelsSubject } from './kernels-subject.ts';
import type { RuntimeSubject } from './subject.ts';

/** A call of {@link kernelsSubject} or of a method of the subject. */
export type WorkerRequest =
  | { id: number; method: 'load'; args: Parameters<typeof kernelsSubject> }
  | { id: number; method: 'time'; args: [runs: number] }
  | { id: number; method: 'outputs'; args: [] };

let subject: RuntimeSubject | undefined;

addEventListener('message', async ({ data: { id, ...call } }: MessageEvent<WorkerRequest>) => {
  try {
    postMessage({ id, result: await answer(call as WorkerRequest) });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
});

async function answer(call: WorkerRequest): Promise<unknown> {
  if (call.method === 'load') {
    subject = await kernelsSubject(...call.args);
    return undefined;
  }
  if (!subject) throw new Error('No network is loaded.');
  return call.method === 'time' ? subject.time(...call.args) : subject.outputs();
}
