import { lazyImport } from '../core/lazy-import.ts';
import { type ModelFolderSources, modelFolders } from '../models/folders.ts';
import { serialiseError } from '../workers/serialised-error.ts';
import type { FromWorker, ModelMessage, SentFolder, ToWorker } from './protocol.ts';

/** Models folders as they are sent to a worker: functions cannot be posted and stay on the page. */
export function sentFolders(models: ModelFolderSources | undefined): SentFolder[] {
  return modelFolders(models).map((folder, i) => (typeof folder === 'function' ? { function: i } : folder));
}

/**
 * Answers a worker's request for a file that a function on the page reads. Ignores other messages.
 *
 * @param signal aborts when the load is aborted or the worker is no longer used.
 */
export async function serveModels(
  worker: { post(message: ToWorker, transfer?: Transferable[]): void },
  message: FromWorker,
  models: ModelFolderSources | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (message.type !== 'read-model') return;
  const answer = await lazyImport(() => import('./answer-model-read.ts')).then(
    ({ answerModelRead }) => answerModelRead(message, models, signal),
    (error): ModelMessage => ({ type: 'model', id: message.id, error: serialiseError(error) }),
  );
  worker.post(answer, 'bytes' in answer ? [answer.bytes.buffer] : []);
}
