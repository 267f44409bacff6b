import { FaceNetError } from '../core/errors.ts';
import type { Bytes } from './crypto/bytes.ts';

/** Bytes to read at once. */
const sliceSize = 4 << 20;
/**
 * The maximum length of a line, in bytes. A record with the largest crop is shorter: base64 makes it 4/3 as long, and
 * encrypted again 4/3.
 */
const maxLineLength = 64 << 20;
const newline = 10;

/**
 * Reads a file, or a part of one.
 *
 * @throws {FaceNetError} `storage-unavailable` if the browser cannot: the file was changed on the disk since it was
 *   chosen, or the browser has no memory for it.
 */
export async function bytesOf(file: Blob): Promise<Bytes> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new FaceNetError(
      'storage-unavailable',
      `The browser cannot read the export (${cause}): choose the file again, and close other tabs if it is large.`,
      { cause },
    );
  }
}

/**
 * The lines of a text file, without the line breaks. Reads a few megabytes at a time, so that files of any size can be
 * read.
 *
 * @throws {FaceNetError} `gallery-corrupt` for a line above 64 MiB; `storage-unavailable` if the file cannot be read.
 */
export async function* linesOf(file: Blob, signal: AbortSignal | undefined): AsyncGenerator<Bytes> {
  let parts: Bytes[] = [];
  for (let start = 0; start < file.size; start += sliceSize) {
    signal?.throwIfAborted();
    let rest = await bytesOf(file.slice(start, start + sliceSize));
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      yield joined([...parts, rest.subarray(0, end)]);
      parts = [];
      rest = rest.subarray(end + 1);
    }
    parts.push(rest);
    if (parts.length * sliceSize > maxLineLength) {
      throw new FaceNetError('gallery-corrupt', 'The export is damaged: a line is too long. Restore another export.');
    }
  }
  yield joined(parts);
}

function joined(parts: readonly Bytes[]): Bytes {
  if (parts.length === 1) return parts[0] as Bytes;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
