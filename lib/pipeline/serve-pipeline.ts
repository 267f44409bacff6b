import { FaceNetError } from '../core/errors.ts';
import type { Progress } from '../models/progress.ts';
import { EngineAbsentError } from '../runtime/backends/engine-absent-error.ts';
import { threadWorkerName } from '../runtime/kernels/threads/messages.ts';
import { ThreadPool } from '../runtime/kernels/threads/thread-pool.ts';
import { serveAsThread } from '../runtime/kernels/threads/thread-worker.ts';
import { constructWorker } from '../workers/construct-worker.ts';
import { sendHandshake } from '../workers/handshake.ts';
import { serialiseError } from '../workers/serialised-error.ts';
import type { Engines } from './engines.ts';
import { handlers } from './handlers.ts';
import { LocalPipeline } from './local-pipeline.ts';
import { PageModels } from './page-models.ts';
import type { Output, PipelineFacts, RequestName } from './pipeline.ts';
import type { FromWorker, RequestMessage, ToWorker, WorkerLoadOptions } from './protocol.ts';

let loading: Promise<void> | undefined;
let pipeline: LocalPipeline | undefined;
let reportedFacts: PipelineFacts | undefined;
let threads: Promise<ThreadPool | undefined> | undefined;
const pending = new Map<number, AbortController>();
const models = new PageModels(post);

let engines: Engines | undefined;

/**
 * Turns this worker into a pipeline that answers messages, or into a thread of one: further threads are workers of the
 * same script, so that no bundler has to find another address.
 *
 * @param available the engines besides the kernels. Without them, a load that needs one is answered by `needs-engines`, and
 *   the page loads in the worker that has them.
 */
export function servePipeline(available?: Engines): void {
  engines = available;
  if (self.name === threadWorkerName) {
    serveAsThread();
    return;
  }
  addEventListener('message', receive);
  sendHandshake();
}

function receive({ data }: MessageEvent<ToWorker | null>): void {
  // Only the page that started this worker can post to it; anything that is not one of our messages is ignored.
  if (data?.type === 'load' && !loading) loading = load(data.options);
  // WebKit evaluates a bundled entry again when a chunk imports it. That copy never loads, and must not answer.
  else if (data?.type === 'request' && loading) answer(data);
  else if (data?.type === 'abort') pending.get(data.id)?.abort();
  else if (data?.type === 'persist' && pipeline) persist(pipeline);
  else if (data?.type === 'model') models.receive(data);
}

async function load(options: WorkerLoadOptions): Promise<void> {
  try {
    const onProgress = (progress: Progress) => post({ type: 'progress', progress });
    const folders = options.models.map((folder) => models.folder(folder));
    pipeline = await LocalPipeline.load(
      { ...options, models: folders, onProgress },
      { threads: startThreads, ...(engines && { engines }) },
    );
    reportedFacts = pipeline.facts;
    post({ type: 'loaded', facts: reportedFacts });
    const { compared } = pipeline;
    compared.then(() => pipeline && reportChangedFacts(pipeline.facts));
  } catch (error) {
    if (error instanceof EngineAbsentError) post({ type: 'needs-engines' });
    else post({ type: 'load-failed', error: serialiseError(error) });
  }
}

/** Starts the threads once; they serve every load of this worker and end with it. */
async function startThreads(size: number): Promise<ThreadPool | undefined> {
  const make = () => new Worker(location.href, { type: 'module', name: threadWorkerName });
  threads ??= ThreadPool.start(size, () => constructWorker(make));
  const pool = await threads;
  return pool?.terminated ? undefined : pool;
}

async function answer({ id, name, image, input }: RequestMessage): Promise<void> {
  const controller = new AbortController();
  pending.set(id, controller);
  try {
    if (!Object.hasOwn(handlers, name))
      throw new FaceNetError('option-invalid', `There is no request "${name}": load the worker of the same release.`);
    if (!pipeline) throw new FaceNetError('disposed', 'The worker has no pipeline: load one first.');
    const output = await pipeline.request(name, image, input, controller.signal);
    reportChangedFacts(pipeline.facts);
    post({ type: 'answer', id, output }, transferable(output));
  } catch (error) {
    post({ type: 'failed', id, error: serialiseError(error) });
  } finally {
    pending.delete(id);
    // A bitmap was transferred here, so this worker owns it.
    if (image instanceof ImageBitmap) image.close();
  }
}

function reportChangedFacts(facts: PipelineFacts): void {
  if (facts === reportedFacts) return;
  reportedFacts = facts;
  post({ type: 'changed', facts });
}

async function persist(pipeline: LocalPipeline): Promise<void> {
  post({ type: 'persisted', all: await pipeline.persist() });
}

/** The buffers of embeddings and crops, which are transferred instead of copied. */
function transferable(output: Output<RequestName>): ArrayBufferLike[] {
  if (output instanceof Float32Array) return [output.buffer];
  if ('data' in output) return [output.data.buffer];
  const faces = 'known' in output ? output.known : output;
  return faces.flatMap((face) => (face && 'embedding' in face ? [face.embedding.buffer] : []));
}

function post(message: FromWorker, transfer: ArrayBufferLike[] = []): void {
  postMessage(message, { transfer: transfer as ArrayBuffer[] });
}
