import { invalidEncodings as invalid } from './encodings-error.ts';

/** The numbers of a NumPy file: a row for each face. */
type Rows = number[][];

/** The signatures in a ZIP archive: of a file, and of an entry of the directory. (APPNOTE.TXT, 4.3) */
const directoryEntry = 0x02014b50;
const directoryEnd = 0x06054b50;

/** The largest array, in bytes. */
const maxBytes = 1 << 29;

/**
 * Reads what `numpy.save` or `numpy.savez` wrote, without pickled objects: arrays of float32 or float64, of one or two dimensions, in C order.
 * (NumPy, numpy.lib.format)
 *
 * @throws {FaceNetError} `option-invalid` for other contents.
 */
export async function readNumpy(file: Uint8Array): Promise<Rows> {
  if (file[0] === 0x93) return rowsOfArray(file);
  const rows: Rows = [];
  for (const array of await arraysOfArchive(file)) rows.push(...rowsOfArray(array));
  return rows;
}

function rowsOfArray(file: Uint8Array): Rows {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const signature = new TextDecoder('latin1').decode(file.subarray(1, 6));
  if (file.length < 12 || file[0] !== 0x93 || signature !== 'NUMPY')
    throw invalid('an array does not begin with NumPy’s signature');
  const isFirstVersion = file[6] === 1;
  const start = isFirstVersion ? 10 : 12;
  const end = start + (isFirstVersion ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder('latin1').decode(file.subarray(start, end));
  const type = /'descr':\s*'(<f4|<f8)'/.exec(header)?.[1];
  const shape = /'shape':\s*\((\d+),?\s*(\d*)\s*\)/.exec(header);
  if (!type || !shape || !/'fortran_order':\s*False/.test(header)) {
    throw invalid('an array is not float32 or float64 of one or two dimensions in C order');
  }
  const [rows, columns] = shape[2] ? [Number(shape[1]), Number(shape[2])] : [1, Number(shape[1])];
  const size = type === '<f4' ? 4 : 8;
  if (rows * columns * size !== file.length - end)
    throw invalid('an array does not have the length that its header states');
  const read = size === 4 ? (at: number) => view.getFloat32(at, true) : (at: number) => view.getFloat64(at, true);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => read(end + (row * columns + column) * size)),
  );
}

/** The files of a ZIP archive, stored or deflated, in the order of its directory. */
async function arraysOfArchive(file: Uint8Array): Promise<Uint8Array[]> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let end = file.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== directoryEnd) end--;
  if (end < 0) throw invalid('its archive is incomplete');
  const arrays: Uint8Array[] = [];
  let at = view.getUint32(end + 16, true);
  for (let i = view.getUint16(end + 10, true); i > 0; i--) {
    if (at + 46 > file.length || view.getUint32(at, true) !== directoryEntry) throw invalid('its archive is damaged');
    arrays.push(await fileOfArchive(file, view, at));
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return arrays;
}

async function fileOfArchive(file: Uint8Array, view: DataView, entry: number): Promise<Uint8Array> {
  const method = view.getUint16(entry + 10, true);
  const [packed, size] = [view.getUint32(entry + 20, true), view.getUint32(entry + 24, true)];
  const local = view.getUint32(entry + 42, true);
  if (local + 30 > file.length || size > maxBytes) throw invalid('its archive is damaged');
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const bytes = new Uint8Array(file.subarray(start, start + packed));
  if (method === 0) return bytes;
  if (method !== 8) throw invalid('its archive is compressed in a way that is not supported');
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return await limited(stream, size);
  } catch (cause) {
    throw invalid('its archive is damaged', cause);
  }
}

/** Reads a stream of the stated size. A longer one is refused before it fills the memory. */
async function limited(stream: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array> {
  const result = new Uint8Array(size);
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > size) {
      await reader.cancel();
      throw new RangeError('the file is longer than its directory states');
    }
    result.set(value, length);
    length += value.length;
  }
  return result.subarray(0, length);
}
