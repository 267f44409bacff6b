import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { architectures } from '../../../../lib/training/networks/architectures/architectures.ts';
import type { Architecture, Shape } from '../../../../lib/training/networks/description.ts';
import { figuresOf } from '../../../../lib/training/networks/figures.ts';
import { buildNetwork } from '../../../../lib/training/networks/trainable-network.ts';
import { slim } from './slim.ts';

const written = (shape: Shape) => shape.join('×');

describe('a built network', () => {
  beforeAll(async () => {
    const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(wasm)}/`);
    await tf.setBackend('wasm');
  });

  const images = (count: number, [height, width, channels]: Architecture['input']) =>
    tf.randomUniform<tf.Rank.R4>([count, height, width, channels], -1, 1, 'float32', 3);

  test.each(Object.values(architectures).map(slim))(
    'of the topology of $name has the parameters and output sizes of its description, layer by layer',
    async (architecture) => {
      const before = tf.memory().numTensors;
      const network = await buildNetwork(tf, architecture);
      const { layers, parameters } = figuresOf(architecture);
      expect(network.countParameters()).toBe(parameters);

      const seen = new Map<string, string>();
      const input = images(2, architecture.input);
      const embeddings = network.embed(input, {
        onResult: ({ row, output }, result) => {
          expect(result.shape).toEqual([2, ...output]);
          seen.set(row, written(result.shape.slice(1) as unknown as Shape));
        },
      });
      expect([...seen]).toEqual(layers.map(({ layer, output }) => [layer, written(output)]));

      const [dimension = 0] = layers.at(-1)?.output ?? [];
      expect(embeddings.shape).toEqual([2, dimension]);
      const [first, second] = embeddings.arraySync() as [number[], number[]];
      for (const values of [first, second]) expect(Math.hypot(...values)).toBeCloseTo(1, 4);
      expect(first).not.toEqual(second);
      tf.dispose([input, embeddings]);
      network.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
