/** The worker's end: a pipeline that answers messages. This file is the entry of a module worker. */

import { FaceNetError } from '../core/errors.ts';
import type { Progress } from '../models/progress.ts';
import { threadWorkerName } from '../runtime/kernels/threads/messages.ts';
import { ThreadPool } from '../runtime/kernels/threads/thread-pool.ts';
import { serveAsThread } from '../runtime/kernels/threads/thread-worker.ts';
import { sendHandshake } from '../workers/handshake.ts';
import { serialiseError } from '../workers/serialised-error.ts';
import { trusted } from '../workers/trusted-types.ts';
import { LocalPipeline, type Pipeline, type PipelineFacts } from './local-pipeline.ts';
import { type Answer, type Call, type FromWorker, type Method, methods, type ToWorker } from './protocol.ts';

let loading: Promise<void> | undefined;
let pipeline: Pipeline | undefined;
let toldFacts: PipelineFacts | undefined;
let threads: Promise<ThreadPool | undefined> | undefined;
const underWay = new Map<number, AbortController>();

// The further threads of a network are workers of this same script, which needs no address then that a bundler would have to find.
if (self.name === threadWorkerName) serveAsThread();
else serve();

function serve(): void {
  addEventListener('message', hear);
  sendHandshake();
}

function hear({ data }: MessageEvent<ToWorker | null>): void {
  // Only the page that started this worker can send it anything; what is no message of ours changes nothing even so.
  if (data?.type === 'load' && !loading) loading = load(data.options);
  // WebKit evaluates a bundled entry again when a chunk imports it; that copy was never told to load, and must not answer.
  else if (data?.type === 'call' && loading) answer(data);
  else if (data?.type === 'abort') underWay.get(data.id)?.abort();
  else if (data?.type === 'persist' && pipeline) persist(pipeline);
}

async function load(options: Extract<ToWorker, { type: 'load' }>['options']): Promise<void> {
  try {
    const onProgress = (progress: Progress) => tell({ type: 'progress', progress });
    pipeline = await LocalPipeline.load({ ...options, onProgress }, startThreads);
    toldFacts = pipeline.facts;
    tell({ type: 'loaded', facts: toldFacts });
  } catch (error) {
    tell({ type: 'load-failed', error: serialiseError(error) });
  }
}

/** They end with this worker, and serve whatever it loads. */
async function startThreads(size: number): Promise<ThreadPool | undefined> {
  const make = () => new Worker(location.href, { type: 'module', name: threadWorkerName });
  threads ??= ThreadPool.start(size, () => trusted(make));
  const pool = await threads;
  return pool?.terminated ? undefined : pool;
}

async function answer({ id, method, image, args }: Call): Promise<void> {
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    // The message's type ties the arguments to the method, which a union of functions cannot express.
    if (!methods.includes(method)) throw new FaceNetError('option-invalid', `There is no method "${method}".`);
    const call = pipeline?.[method] as (...given: unknown[]) => Promise<Answer<Method>>;
    const result = await call.apply(pipeline, [image, ...args, controller.signal]);
    if (pipeline && pipeline.facts !== toldFacts) {
      toldFacts = pipeline.facts;
      tell({ type: 'changed', facts: toldFacts });
    }
    tell({ type: 'answer', id, answer: result }, buffersOf(result));
  } catch (error) {
    tell({ type: 'failed', id, error: serialiseError(error) });
  } finally {
    underWay.delete(id);
    // The picture was sent to be this worker's own.
    if (image instanceof ImageBitmap) image.close();
  }
}

async function persist(pipeline: Pipeline): Promise<void> {
  tell({ type: 'persisted', all: await pipeline.persist() });
}

/** What is handed over instead of copied: the numbers of embeddings and the pixels of crops. */
function buffersOf(answer: Answer<Method>): ArrayBufferLike[] {
  if (answer instanceof Float32Array) return [answer.buffer];
  if ('data' in answer) return [answer.data.buffer];
  const items = 'known' in answer ? answer.known : answer;
  return items.flatMap((item) => (item && 'embedding' in item ? [item.embedding.buffer] : []));
}

function tell(message: FromWorker, transfer: ArrayBufferLike[] = []): void {
  postMessage(message, { transfer: transfer as ArrayBuffer[] });
}
