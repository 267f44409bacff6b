import { FaceNetError } from '../core/errors.ts';
import type { WorkerDied } from '../workers/supervised-worker.ts';

/** The error of a request whose frame was transferred to a worker that died, so that the request cannot be repeated. */
export function frameLost(cause: WorkerDied): FaceNetError {
  return new FaceNetError(
    'worker-lost',
    `The worker stopped while processing this frame (${cause.message}), and the frame was transferred to it. Call again with a new frame.`,
  );
}

/** The error of a request that its worker had not answered when the pipeline was disposed. */
export function endedByDispose(): FaceNetError {
  return new FaceNetError('disposed', 'The FaceNet was disposed before its worker answered: load another one.');
}

/** The error of a request whose worker died and could not be replaced. */
export function stoppedAgain(cause: Error): FaceNetError {
  return new FaceNetError(
    'backend-unavailable',
    `The worker stopped and could not be started again (${cause.message}): dispose this FaceNet and load another.`,
    { cause },
  );
}

/**
 * The error of a request whose worker died while it processed a picture, and could not be replaced, or died again. Its cause is
 * `worker-lost`, because the picture may be the reason.
 */
export function pictureLost(cause: WorkerDied): FaceNetError {
  const message = `This picture may have ended the worker: ${cause.message}`;
  return stoppedAgain(new FaceNetError('worker-lost', message, { cause }));
}
