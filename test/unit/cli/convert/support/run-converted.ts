import { fuse } from '../../../../../cli/convert/fusion/fuse.ts';
import { graphModelFiles } from '../../../../../cli/convert/graph/graph-model.ts';
import type { ReadModel } from '../../../../../cli/convert/read-model.ts';
import type { Pixels } from '../../../../../lib/core/types.ts';
import type { ModelDescriptor, Preprocessing } from '../../../../../lib/models/manifest.ts';
import { KernelRunner } from '../../../../../lib/runtime/kernels/kernel-runner.ts';
import { readPng } from '../../../../support/png.ts';
import { compileKernels } from '../../../runtime/kernels/support/kernel-files.ts';

/** Files that the scripts in this folder wrote, and real crops of 112×112. */
export const conversionData = new URL('../../../../reference/conversion/', import.meta.url);

/** A face cut out of a sample photo: crop 1, 2 or 3. */
export const crop = (number: number): Pixels => readPng(new URL(`crop-${number}.png`, conversionData).pathname);

/** An image of another size, of the nearest pixels before each position. */
export function resized({ width, height, data }: Pixels, toWidth: number, toHeight = toWidth): Pixels {
  const result = new Uint8ClampedArray(toWidth * toHeight * 4);
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const from = (Math.floor((y * height) / toHeight) * width + Math.floor((x * width) / toWidth)) * 4;
      result.set(data.subarray(from, from + 4), (y * toWidth + x) * 4);
    }
  }
  return { width: toWidth, height: toHeight, data: result };
}

/** RGB, (v − 127.5) / divisor. */
export const rgb = (width: number, height: number, divisor: number): Preprocessing => ({
  width,
  height,
  channels: 'rgb',
  mean: [127.5, 127.5, 127.5],
  std: [divisor, divisor, divisor],
});

/** The outputs of a converted network for images, on the kernels. */
export async function runOnKernels(
  read: ReadModel,
  images: readonly Pixels[],
  preprocessing: Preprocessing,
): Promise<Record<string, Float32Array>> {
  const [json, weights] = graphModelFiles(fuse(read, read.outputs)).map(({ bytes }) => new Uint8Array(bytes));
  const descriptor = {
    name: 'converted',
    input: read.input,
    outputs: read.outputs.map((name) => ({ name, shape: [] })),
    preprocessing,
  } as unknown as ModelDescriptor;
  const files = { json: json as Uint8Array<ArrayBuffer>, weights: weights as Uint8Array<ArrayBuffer> };
  const runner = await KernelRunner.start(descriptor, files, await compileKernels('facenet-simd'));
  const outputs = await runner.run(images);
  runner.dispose();
  return Object.fromEntries(read.outputs.map((name, i) => [name, outputs[i] as Float32Array]));
}

/** The largest difference of two lists of numbers of one length. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  return Array.from(a).reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] as number))), 0);
}
