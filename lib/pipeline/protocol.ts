import type { PortableImage } from '../image/portable.ts';
import type { Progress } from '../models/progress.ts';
import type { SerialisedError } from '../workers/serialised-error.ts';
import type { LoadOptions } from './options.ts';
import type { Input, Output, PipelineFacts, RequestName } from './pipeline.ts';

/** The load options that are sent to the worker. Functions and the signal stay with the page. */
export type WorkerLoadOptions = Omit<LoadOptions, 'onProgress' | 'signal' | 'worker'>;

/** A request about an image, which belongs to the worker from then on. */
export type RequestMessage = {
  [Name in RequestName]: { type: 'request'; id: number; name: Name; image: PortableImage; input: Input<Name> };
}[RequestName];

/** Messages from the page to its worker: load once, then requests by number, their aborts, and writes to the cache. */
export type ToWorker =
  | { type: 'load'; options: WorkerLoadOptions }
  | RequestMessage
  | { type: 'abort'; id: number }
  | { type: 'persist' };

/** Messages from the worker to its page, besides its handshake. */
export type FromWorker =
  | { type: 'progress'; progress: Progress }
  | { type: 'loaded'; facts: PipelineFacts }
  /** Another backend has taken over. */
  | { type: 'changed'; facts: PipelineFacts }
  | { type: 'load-failed'; error: SerialisedError }
  | { type: 'answer'; id: number; output: Output<RequestName> }
  | { type: 'failed'; id: number; error: SerialisedError }
  /** Whether all fetched files are stored: the answer to each `persist`, in order. */
  | { type: 'persisted'; all: boolean };
