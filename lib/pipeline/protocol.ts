import type { PortableImage } from '../image/portable.ts';
import type { Progress } from '../models/progress.ts';
import type { SerialisedError } from '../workers/serialised-error.ts';
import type { LoadOptions } from './options.ts';
import type { Input, Output, PipelineFacts, RequestName } from './pipeline.ts';

/** A models folder in a message: its URL, or the index of the function that reads its files on the page. */
export type SentFolder = string | { function: number };

/** The load options that are sent to the worker. Functions and the signal stay with the page. */
export type WorkerLoadOptions = Omit<LoadOptions, 'models' | 'onProgress' | 'signal' | 'worker'> & {
  models: SentFolder[];
};

/** The worker's request for a file of a models folder that a function on the page reads. */
export interface ReadModelMessage {
  type: 'read-model';
  id: number;
  /** The index of the function. */
  function: number;
  path: string;
}

/** The answer to a {@link ReadModelMessage}. */
export type ModelMessage = { type: 'model'; id: number } & (
  | { bytes: Uint8Array<ArrayBuffer> }
  | { error: SerialisedError }
);

/** A request about an image, which belongs to the worker from then on. */
export type RequestMessage = {
  [Name in RequestName]: { type: 'request'; id: number; name: Name; image: PortableImage; input: Input<Name> };
}[RequestName];

/** Messages from the page to its worker: load once, then requests by number, their aborts, model files, and writes to the cache. */
export type ToWorker =
  | { type: 'load'; options: WorkerLoadOptions }
  | RequestMessage
  | { type: 'abort'; id: number }
  | ModelMessage
  | { type: 'persist' };

/** Messages from the worker to its page, besides its handshake. */
export type FromWorker =
  | { type: 'progress'; progress: Progress }
  | ReadModelMessage
  | { type: 'loaded'; facts: PipelineFacts }
  /** Another backend has taken over. */
  | { type: 'changed'; facts: PipelineFacts }
  | { type: 'load-failed'; error: SerialisedError }
  /** The load needs the worker that has all engines. */
  | { type: 'needs-engines' }
  | { type: 'answer'; id: number; output: Output<RequestName> }
  | { type: 'failed'; id: number; error: SerialisedError }
  /** Whether all fetched files are stored: the answer to each `persist`, in order. */
  | { type: 'persisted'; all: boolean };
