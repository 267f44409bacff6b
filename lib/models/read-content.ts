import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import type { ReadModelFile } from './folders.ts';

/**
 * Reads a file by a function of the page.
 *
 * @throws {FaceNetError} `model-missing` when the function throws or returns a Response with an error;
 *   `option-invalid` when it returns anything else; `signal.reason` when aborted.
 */
export async function readContent(
  readFile: ReadModelFile,
  path: string,
  signal = new AbortController().signal,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await abortable(callReader(readFile, path, signal), signal);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof FaceNetError) throw cause;
    throw missingFileError(path, `threw ${cause}`, cause);
  }
}

async function callReader(
  readFile: ReadModelFile,
  path: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const content: unknown = await readFile(path, { signal });
  if (ArrayBuffer.isView(content)) {
    return new Uint8Array(content.buffer as ArrayBuffer, content.byteOffset, content.byteLength);
  }
  if (hasBytes(content)) {
    if (content.ok === false) throw missingFileError(path, `returned a Response with the status ${content.status}`);
    return new Uint8Array(await content.arrayBuffer());
  }
  // instanceof does not know the buffers of an iframe.
  if (Object.prototype.toString.call(content) === '[object ArrayBuffer]') return new Uint8Array(content as ArrayBuffer);
  throw new FaceNetError(
    'option-invalid',
    `The function in models returned ${content} for "${path}": return an ArrayBuffer, a typed array, a Blob or a Response.`,
  );
}

/** Whether a value is a Blob or a Response, of any realm. */
function hasBytes(content: unknown): content is Pick<Response, 'arrayBuffer'> & Partial<Response> {
  return typeof (content as Partial<Response> | undefined | null)?.arrayBuffer === 'function';
}

function missingFileError(path: string, failure: string, cause?: unknown): FaceNetError {
  return new FaceNetError(
    'model-missing',
    `The function in models ${failure} for "${path}": return the file of that path from your models folder.`,
    { cause },
  );
}
