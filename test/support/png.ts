import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { Pixels } from '../../lib/core/types.ts';

/** Reads a PNG file with 8 bits per channel, RGB, not interlaced. */
export function readPng(path: string): Pixels {
  const file = readFileSync(path);
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  if (file[24] !== 8 || file[25] !== 2 || file[28] !== 0) throw new Error(`${path} is not an RGB image of 8 bits.`);
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') {
      parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
    }
  }
  const rows = unfiltered(inflateSync(Buffer.concat(parts)), 3 * width, height);
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let from = 0, to = 0; from < rows.length; from += 3, to += 4) data.set(rows.subarray(from, from + 3), to);
  return { width, height, data };
}

/** Undoes the filter of each row, which is named by its first byte. (PNG specification, 9) */
function unfiltered(filtered: Uint8Array, stride: number, height: number): Uint8Array {
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < 3 ? 0 : (rows[at - 3] as number);
      const above = y === 0 ? 0 : (rows[at - stride] as number);
      const corner = x < 3 || y === 0 ? 0 : (rows[at - stride - 3] as number);
      const predicted = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter as number] as number;
      rows[at] = (filtered[at + y + 1] as number) + predicted;
    }
  }
  return rows;
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(estimate - value)) as [number, number, number];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}
