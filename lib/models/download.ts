import { FaceNetError } from '../core/errors.ts';
import { IdleTimeout, maxIdleTime } from '../core/idle-timeout.ts';
import type { ModelFile } from './manifest.ts';
import type { ProgressMeter } from './progress.ts';
import { copyCommand } from './shipped-models.ts';

/**
 * The server answered, but not with the file that the manifest states. The manifest or the file may be of an earlier
 * deployment.
 */
export class ContradictingFileError extends FaceNetError {}

/**
 * Downloads a file and reports the progress. Stops when it is longer than the manifest states.
 *
 * @param cache `reload` does not read the HTTP cache.
 * @throws {FaceNetError} `model-missing` when it cannot be fetched; `signal.reason` when aborted.
 * @throws {ContradictingFileError} `model-missing` when the server does not have it, `model-corrupt` when it is too long.
 */
export async function download(
  url: URL,
  file: ModelFile,
  meter: ProgressMeter,
  signal: AbortSignal | undefined,
  cache: RequestCache = 'default',
): Promise<Uint8Array<ArrayBuffer>> {
  const idle = new IdleTimeout(signal, () => silentError(url));
  try {
    const response = await request(url, idle, cache);
    if (!isFound(response)) throw new ContradictingFileError('model-missing', missingFile(response, url, file));
    // Not allocated by the size that the manifest claims.
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const chunk of chunksOf(response, file.path, idle)) {
      if (length + chunk.length > file.bytes) {
        throw new ContradictingFileError(
          'model-corrupt',
          `${file.path} is longer than the ${file.bytes} bytes of the manifest: prepare or copy the models again.`,
        );
      }
      chunks.push(chunk);
      length += chunk.length;
      meter.advance(file.path, chunk.length);
    }
    return joined(chunks, length);
  } finally {
    idle.end();
  }
}

function joined(chunks: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Downloads the manifest of a models folder.
 *
 * @param cache `no-cache` asks the server whether the HTTP cache has the current one, `reload` does not read that cache.
 * @param offline what replaces it when there is no response: a cached copy, or `undefined`.
 * @throws {FaceNetError} `model-missing` when it cannot be fetched; `signal.reason` when aborted.
 */
export async function downloadManifest(
  url: URL,
  signal: AbortSignal | undefined,
  cache: 'no-cache' | 'reload',
  offline: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
): Promise<string> {
  const idle = new IdleTimeout(signal, () => silentError(url));
  try {
    const response = await request(url, idle, cache).catch(async (error) => {
      signal?.throwIfAborted();
      const cached = await offline();
      if (cached) return new Response(cached);
      throw error;
    });
    if (!isFound(response)) throw new FaceNetError('model-missing', missingFolder(response, url));
    return await response.text().catch((cause) => {
      idle.signal.throwIfAborted();
      throw interrupted('manifest.json', cause);
    });
  } finally {
    idle.end();
  }
}

/** Fetches, whatever the status of the response. */
async function request(url: URL, { signal }: IdleTimeout, cache: RequestCache): Promise<Response> {
  try {
    return await fetch(url, { signal, cache });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FaceNetError(
      'model-missing',
      `${withoutQuery(url)} could not be fetched: check the URL and the network.`,
      { cause },
    );
  }
}

/** A URL for messages. Its query may be a secret signature. */
function withoutQuery({ href }: URL): string {
  return href.split('?')[0] as string;
}

function silentError(url: URL): FaceNetError {
  return new FaceNetError(
    'model-missing',
    `${withoutQuery(url)} sent nothing for ${maxIdleTime} seconds: check the network and try again.`,
  );
}

/** Whether a response has the file. Servers of single-page apps answer with their start page instead of 404. */
function isFound({ ok, headers }: Response): boolean {
  return ok && !headers.get('content-type')?.startsWith('text/html');
}

function answerOf(response: Response): string {
  return response.ok ? 'answered with a web page' : `answered ${response.status}`;
}

function missingFile(response: Response, url: URL, { path }: ModelFile): string {
  const [folder = ''] = path.split('/');
  const command = copyCommand(folder) ?? 'npx facenet-web copy-models public/models';
  return `${withoutQuery(url)} ${answerOf(response)}, although the manifest lists it: run "${command}" with the path of your models folder.`;
}

function missingFolder(response: Response, url: URL): string {
  return `${noFolder(withoutQuery(new URL('.', url)))} Its manifest.json ${answerOf(response)}.`;
}

/** The message for a models folder that does not exist. @param folder its address. */
export function noFolder(folder: string): string {
  return `The models folder was not found at ${folder}: run "npx facenet-web copy-models public/models", or pass the folder's URL as FaceNet.load({ models }).`;
}

function interrupted(path: string, cause: unknown): FaceNetError {
  return new FaceNetError('model-missing', `The download of ${path} was interrupted: try again.`, { cause });
}

/** The chunks of a response body. Not every browser can iterate a ReadableStream. */
async function* chunksOf(response: Response, path: string, idle: IdleTimeout): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause) => {
        idle.signal.throwIfAborted();
        throw interrupted(path, cause);
      });
      if (done) return;
      idle.restart();
      yield value;
    }
  } finally {
    // Ends the download if the caller stopped early.
    await reader.cancel().catch(() => {});
  }
}
