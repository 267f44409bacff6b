import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';

/** How long to wait, in milliseconds, for the browser to report a lost context after work on it has failed. */
const maxReportDelay = 1000;

/** A graphics context was lost while work ran on it. Everything that was created on it is unusable. */
export class ContextLostError extends Error {
  override readonly name = 'ContextLostError';
}

/** A WebGL context or WebGPU device that networks run on, and that the browser can take away. */
export interface GraphicsContext {
  /** Aborts with a {@link ContextLostError} when the context is lost. */
  readonly lost: AbortSignal;
  /**
   * Aborts {@link lost} immediately if the context is lost: reads return wrong values before the browser's event
   * arrives.
   */
  check(): void;
  /** Frees what is left of the context. Nothing may use it any more. */
  discard(): Promise<void>;
}

/** Detects the loss of a WebGL context. */
export function watchWebGLContext(context: WebGL2RenderingContext): GraphicsContext {
  const controller = new AbortController();
  const reportLoss = () => controller.abort(new ContextLostError('its WebGL context was lost'));
  context.canvas.addEventListener('webglcontextlost', reportLoss, { once: true });
  const check = () => {
    if (context.isContextLost()) reportLoss();
  };
  const discard = async () => context.canvas.removeEventListener('webglcontextlost', reportLoss);
  return { lost: controller.signal, check, discard };
}

/** Detects the loss of a WebGPU device. */
export function watchWebGPUDevice(device: GPUDevice): GraphicsContext {
  const controller = new AbortController();
  device.lost.then(({ message }) =>
    controller.abort(new ContextLostError(`its WebGPU device was lost${message && ` (${message})`}`)),
  );
  return { lost: controller.signal, check() {}, async discard() {} };
}

/**
 * Runs work on graphics contexts until it finishes or one of them is lost.
 *
 * @param work gets a signal that aborts with `signal` or when a context is lost; work on a lost context may never
 *   settle.
 * @throws {ContextLostError} when a context was lost meanwhile, even if the work succeeded; `signal.reason` when
 *   aborted.
 */
export async function runUntilContextLost<T>(
  contexts: readonly GraphicsContext[],
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (contexts.length === 0) return work(signal);
  const stop = new AbortController();
  const finished = new AbortController();
  for (const source of [signal, ...contexts.map(({ lost }) => lost)]) {
    if (source?.aborted) stop.abort(source.reason);
    source?.addEventListener('abort', () => stop.abort(source.reason), { signal: finished.signal });
  }
  try {
    const result = await abortable(work(stop.signal), stop.signal);
    throwIfLost(contexts);
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    throwIfLost(contexts);
    // A WebGPU device reports its loss only after pending work has failed. Our own errors have another cause.
    if (!(error instanceof FaceNetError)) await abortOrTimeout(stop.signal, maxReportDelay);
    throwIfLost(contexts);
    throw error;
  } finally {
    finished.abort();
  }
}

function throwIfLost(contexts: readonly GraphicsContext[]): void {
  for (const { lost, check } of contexts) {
    check();
    lost.throwIfAborted();
  }
}

/** Resolves when a signal aborts or after a time in milliseconds. */
async function abortOrTimeout(signal: AbortSignal, milliseconds: number): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Releases the contexts that were lost. Nothing may use them any more. */
export async function discardLostContexts(contexts: readonly GraphicsContext[]): Promise<void> {
  await Promise.all(contexts.filter(({ lost }) => lost.aborted).map((context) => context.discard()));
}
