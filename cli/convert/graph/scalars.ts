import { float32FromHalf } from './float16.ts';

/** Reads numbers of one type. */
export interface ScalarReader {
  /** The size of a number, in bytes. */
  bytes: number;
  read(view: DataView, at: number): number;
}

/** The readers of little-endian numbers, by type. Integers are exact up to 2⁵³. */
export const scalarReaders = {
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  float16: { bytes: 2, read: (view, at) => float32FromHalf(view.getUint16(at, true)) },
  bfloat16: { bytes: 2, read: readBfloat16 },
  float64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  int64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  uint64: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  uint32: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  int16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  uint16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
} as const satisfies Record<string, ScalarReader>;

const word = new DataView(new ArrayBuffer(4));

function readBfloat16(view: DataView, at: number): number {
  word.setUint32(0, view.getUint16(at, true) << 16);
  return word.getFloat32(0);
}
