import type { ImageSource } from '../core/types.ts';
import type { PortableImage } from '../image/portable.ts';
import type { Progress } from '../models/progress.ts';
import type { SerialisedError } from '../workers/serialised-error.ts';
import type { Pipeline, PipelineFacts } from './local-pipeline.ts';
import type { LoadOptions } from './options.ts';

/** The methods of a pipeline that a page calls in its worker. */
export type Method = Exclude<keyof Pipeline, 'facts' | 'persist' | 'dispose'>;

export const methods: readonly Method[] = ['detect', 'landmarks', 'align', 'embed', 'embedCrop', 'follow'];

/** A method's arguments between the picture and the signal: that becomes a message of its own. */
export type Arguments<M extends Method> =
  Required<Parameters<Pipeline[M]>> extends [ImageSource, ...infer Given, AbortSignal] ? Given : never;

/** What a method answers. */
export type Answer<M extends Method> = Awaited<ReturnType<Pipeline[M]>>;

/** The load options that cross to the worker; the page keeps the functions. */
export type WorkerLoadOptions = Omit<LoadOptions, 'onProgress' | 'signal' | 'worker'>;

/** A picture, and what is to be done with it. */
export interface Call {
  type: 'call';
  id: number;
  method: Method;
  image: PortableImage;
  /** The {@link Arguments} of this method, which the page's types have seen to. */
  args: readonly unknown[];
}

/**
 * What the page tells its worker: first to load, then calls, each with a number of its own, and aborts of calls; and to keep what it
 * fetched, among other times before it is ended.
 */
export type ToWorker =
  | { type: 'load'; options: WorkerLoadOptions }
  | Call
  | { type: 'abort'; id: number }
  | { type: 'persist' };

/** What the worker tells its page, besides its greeting. */
export type FromWorker =
  | { type: 'progress'; progress: Progress }
  | { type: 'loaded'; facts: PipelineFacts }
  /** What it told of itself is not so any more: another backend has taken over. */
  | { type: 'changed'; facts: PipelineFacts }
  | { type: 'load-failed'; error: SerialisedError }
  | { type: 'answer'; id: number; answer: Answer<Method> }
  | { type: 'failed'; id: number; error: SerialisedError }
  /** Whether all that it fetched is kept: the answer to each `keep`, in their order. */
  | { type: 'persisted'; all: boolean };
