import { type ModelFolderSources, modelFolders, type ReadModelFile } from '../models/folders.ts';
import { readContent } from '../models/read-content.ts';
import { serialiseError } from '../workers/serialised-error.ts';
import type { ModelMessage, ReadModelMessage } from './protocol.ts';

/** Reads a file for a worker by a function of the page. Never rejects: the answer has the error. */
export async function answerModelRead(
  { id, path, function: index }: ReadModelMessage,
  models: ModelFolderSources | undefined,
  signal: AbortSignal | undefined,
): Promise<ModelMessage> {
  try {
    const readFile = modelFolders(models)[index] as ReadModelFile;
    // A copy, because the buffer belongs to the function and may hold more than this file.
    return { type: 'model', id, bytes: (await readContent(readFile, path, signal)).slice() };
  } catch (error) {
    return { type: 'model', id, error: serialiseError(error) };
  }
}
