import type { ByteImage } from './byte-image.ts';

const { fround } = Math;

/** For each column of the result: the index of the source pixel to its left, and the weight of the next one. */
export interface ResizeColumns {
  left: Int32Array;
  share: Float32Array;
  /** The number of columns, in groups of four, that dlib computes in 32-bit floats. The others are computed in 64 bits. */
  vectorized: number;
}

/**
 * Resizes an image as dlib's `resize_image` does with bilinear interpolation: the corners of both images coincide. dlib works in 32-bit
 * floats; it rounds grey levels and truncates colours. (dlib, image_transforms/interpolation.h)
 */
export function resize(image: ByteImage, width: number, height: number): ByteImage {
  const { channels, data } = image;
  const result = new Uint8Array(width * height * channels);
  const columns = columnsOf(image.width, width);
  const stride = image.width * channels;
  rowsOf(image.height, height).forEach(({ top, bottom, share }, row) => {
    const rows = { top: top * stride, bottom: bottom * stride, share };
    resizeRow({ data, channels, lastColumn: image.width - 1 }, rows, columns, result, row * width * channels);
  });
  return { width, height, channels, data: result };
}

/** For each row of a resized image: the source rows above and below, and the weight of the latter. */
export function rowsOf(sourceHeight: number, height: number): { top: number; bottom: number; share: number }[] {
  const scale = (sourceHeight - 1) / Math.max(height - 1, 1);
  let y = -scale;
  return Array.from({ length: height }, () => {
    y += scale;
    const top = Math.floor(y);
    return { top, bottom: Math.min(top + 1, sourceHeight - 1), share: y - top };
  });
}

/** Where the columns of a resized image come from. */
export function columnsOf(sourceWidth: number, width: number): ResizeColumns {
  const scale = (sourceWidth - 1) / Math.max(width - 1, 1);
  const left = new Int32Array(width);
  const share = new Float32Array(width);
  // dlib adds up the positions of four neighbouring columns in 32-bit floats.
  const positions = Float32Array.from([0, 1, 2, 3], (i) => -4 * scale + i * scale);
  let vectorized = 0;
  for (; vectorized + 4 <= width + 4; vectorized += 4) {
    for (let i = 0; i < 4; i++) positions[i] = (positions[i] as number) + fround(4 * scale);
    if (Math.trunc(positions[3] as number) + 1 >= sourceWidth) break;
    for (let i = 0; i < 4 && vectorized + i < width; i++) {
      const position = positions[i] as number;
      left[vectorized + i] = Math.trunc(position);
      share[vectorized + i] = position - Math.trunc(position);
    }
  }
  let x = -scale + vectorized * scale;
  for (let column = vectorized; column < width; column++) {
    x += scale;
    left[column] = Math.floor(x);
    share[column] = x - Math.floor(x);
  }
  return { left, share, vectorized: Math.min(vectorized, width) };
}

/** Computes one row of the result. */
function resizeRow(
  { data, channels, lastColumn }: { data: Uint8Array; channels: 1 | 3; lastColumn: number },
  { top, bottom, share }: { top: number; bottom: number; share: number },
  columns: ResizeColumns,
  result: Uint8Array,
  to: number,
): void {
  const rounding = channels === 1 ? 0.5 : 0;
  const down = fround(share);
  const up = fround(1 - share);
  const width = columns.left.length;
  for (let column = 0; column < width; column++) {
    const left = columns.left[column] as number;
    const near = left * channels;
    const far = Math.min(left + 1, lastColumn) * channels;
    const across = columns.share[column] as number;
    const back = fround(1 - across);
    const [upBack, upAcross] = [fround(up * back), fround(up * across)];
    const [downBack, downAcross] = [fround(down * back), fround(down * across)];
    for (let channel = 0; channel < channels; channel++, to++) {
      const above = fround(
        fround(upBack * (data[top + near + channel] as number)) +
          fround(upAcross * (data[top + far + channel] as number)),
      );
      const left = fround(above + fround(downBack * (data[bottom + near + channel] as number)));
      result[to] = fround(left + fround(downAcross * (data[bottom + far + channel] as number))) + rounding;
    }
  }
}
