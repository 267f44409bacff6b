import { PbfReader } from 'pbf';

/**
 * Reads the fields of a message in a range of its own, so that no field can extend beyond it.
 *
 * @throws {RangeError} for a field that does.
 */
export function readMessage(bytes: Uint8Array, read: (field: number, reader: PbfReader) => void): void {
  const reader = new PbfReader(bytes);
  reader.readFields((field) => read(field, reader), undefined);
  if (reader.pos > bytes.length) throw new RangeError('a field is longer than its message');
}

/** The bytes of a field. @throws {RangeError} when they extend beyond the message. */
export function bytesOf(reader: PbfReader): Uint8Array {
  const bytes = reader.readBytes();
  if (reader.pos > reader.length) throw new RangeError('a field is longer than its message');
  return bytes;
}
