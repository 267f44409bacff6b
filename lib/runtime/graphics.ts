import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';

/** How long to wait, in milliseconds, for graphics to say that they were lost, after what ran on them has failed. */
const lossPatience = 1000;

/** That the graphics which something ran on were taken away while it ran: nothing of it can be used any more. */
export class GraphicsLost extends Error {
  override readonly name = 'GraphicsLost';
}

/** Tells whether the graphics that something runs on are still there. */
export interface Graphics {
  /** Aborts with a {@link GraphicsLost} when they are gone. */
  readonly lost: AbortSignal;
  /** Looks at once: the browser tells of a loss later than it answers with nonsense. */
  check(): void;
  /** Gives up what is left of them, when nothing uses them any more. */
  discard(): Promise<void>;
}

/** Watches over a WebGL context. */
export function watchContext(context: WebGL2RenderingContext): Graphics {
  const loss = new AbortController();
  const lose = () => loss.abort(new GraphicsLost('its WebGL context was lost'));
  context.canvas.addEventListener('webglcontextlost', lose, { once: true });
  const check = () => {
    if (context.isContextLost()) lose();
  };
  const discard = async () => context.canvas.removeEventListener('webglcontextlost', lose);
  return { lost: loss.signal, check, discard };
}

/** Watches over a WebGPU device. */
export function watchDevice(device: GPUDevice): Graphics {
  const loss = new AbortController();
  device.lost.then(({ message }) =>
    loss.abort(new GraphicsLost(`its WebGPU device was lost${message && ` (${message})`}`)),
  );
  return { lost: loss.signal, check() {}, async discard() {} };
}

/**
 * Does work that runs on graphics.
 *
 * @param work is told by its signal to stop, by the caller's or when the graphics are lost: it might never end then.
 * @throws {GraphicsLost} when any of them were lost meanwhile, whatever the work itself came to.
 */
export async function whileTheyLast<T>(
  graphics: readonly Graphics[],
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (graphics.length === 0) return work(signal);
  const stop = new AbortController();
  const done = new AbortController();
  for (const source of [signal, ...graphics.map(({ lost }) => lost)]) {
    if (source?.aborted) stop.abort(source.reason);
    source?.addEventListener('abort', () => stop.abort(source.reason), { signal: done.signal });
  }
  const look = () => {
    for (const { lost, check } of graphics) {
      check();
      lost.throwIfAborted();
    }
  };
  try {
    const result = await abortable(work(stop.signal), stop.signal);
    look();
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    look();
    // A WebGPU device tells of its loss only after what waited for it has failed, and that is none of our own errors.
    if (!(error instanceof FaceNetError)) await aborted(stop.signal, lossPatience);
    look();
    throw error;
  } finally {
    done.abort();
  }
}

/** Waits until a signal is aborted, but not for long. */
async function aborted(signal: AbortSignal, milliseconds: number): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
