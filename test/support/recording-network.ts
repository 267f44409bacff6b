import type { Pixels } from '../../lib/core/types.ts';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { Network } from '../../lib/runtime/network.ts';

/** A network whose outputs a function computes, and a record of the images that it ran on. */
export async function recordingNetwork(
  descriptor: ModelDescriptor,
  outputsOf: (image: Pixels) => Float32Array[],
): Promise<{ network: Network; images: Pixels[] }> {
  const images: Pixels[] = [];
  const runtime = {
    description: 'recording',
    start: async () => ({
      maxBatchSize: 1,
      async run(batch: readonly Pixels[]) {
        images.push(...batch);
        return outputsOf(batch[0] as Pixels);
      },
      dispose() {},
    }),
  };
  const files = { json: new Uint8Array(), weights: new Uint8Array() };
  return { network: await Network.load(runtime, descriptor, files), images };
}
