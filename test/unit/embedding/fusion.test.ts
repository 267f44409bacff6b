import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import type { LandmarkedFace } from '../../../lib/core/types.ts';
import { assessCrop, embedFaces } from '../../../lib/embedding/embed-faces.ts';
import { networkEmbedder } from '../../../lib/embedding/embedder.ts';
import { fusedEmbedder } from '../../../lib/embedding/fusion.ts';
import { pixelPicture } from '../../../lib/image/pixel-picture.ts';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import type { EmbeddingDescriptor, FusionDescriptor, Manifest } from '../../../lib/models/manifest.ts';
import { recordingNetwork } from '../../support/recording-network.ts';

const manifest = JSON.parse(
  readFileSync(new URL('../../../public/models/manifest.json', import.meta.url), 'utf8'),
) as Manifest;
const weights = [0.3, 0.7] as const;
const names = ['mobilefacenet', 'dlib-resnet-34'] as const;
const fusion: FusionDescriptor = {
  name: 'both',
  parts: names.map((embedder, p) => ({ embedder, weight: weights[p] as number })),
};
const next = seeded(3);
const picture = pixelPicture({
  width: 400,
  height: 300,
  data: new Uint8ClampedArray(400 * 300 * 4).map(() => next() * 256),
});
const faces = [faceAt(50, 40), faceAt(220, 150)];

function faceAt(x: number, y: number): LandmarkedFace {
  const points = Array.from({ length: 68 }, () => ({ x: x + next() * 60, y: y + next() * 60 }));
  return faceOf({ scheme: 'ibug-68', points, presence: 0.9 });
}

/** The embedder of a shipped network's descriptor. Its embeddings are pixels of the crop. */
async function part(name: string, mirrored: boolean) {
  const descriptor = manifest.models.find((model) => model.name === name) as EmbeddingDescriptor;
  const { network, images } = await recordingNetwork(descriptor, ({ data }) => [
    Float32Array.from({ length: descriptor.dimension }, (_, i) => (data[i * 16] as number) - 127.5),
  ]);
  return { embedder: networkEmbedder(network, descriptor, { zooms: [1], mirrored }), images };
}

async function parts(mirrored: boolean) {
  return Promise.all(names.map((name) => part(name, mirrored)));
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

describe.each([true, false])('a fusion, mirrored: %s', (mirrored) => {
  test('has unit embeddings whose cosine is the weighted sum of the cosines of its parts', async () => {
    const both = await parts(mirrored);
    const embedder = fusedEmbedder(
      both.map((each) => each.embedder),
      fusion,
    );
    expect([embedder.name, embedder.dimension, embedder.metric]).toEqual(['both', 192 + 128, 'cosine']);
    const [a, b] = (await embedFaces(picture, embedder, faces)).map(({ embedding }) => embedding) as [
      Float32Array,
      Float32Array,
    ];
    expect(a).toHaveLength(192 + 128);
    expect(dot(a, a)).toBeCloseTo(1, 5);
    let expected = 0;
    for (const [p, { embedder: own }] of both.entries()) {
      const [x, y] = await own.embed(picture, faces);
      expected += (weights[p] as number) * dot(x?.embedding as Float32Array, y?.embedding as Float32Array);
    }
    expect(dot(a, b)).toBeCloseTo(expected, 5);
  });

  test('reports the magnitude and the stability of its first part', async () => {
    const both = await parts(mirrored);
    const embedder = fusedEmbedder(
      both.map((each) => each.embedder),
      fusion,
    );
    const [face] = await embedFaces(picture, embedder, faces);
    const [own] = (await both[0]?.embedder.embed(picture, faces)) ?? [];
    expect([face?.quality.magnitude, face?.quality.stability]).toEqual([own?.magnitude, own?.stability]);
  });
});

test('a fusion embeds the crop of its first part that was cut before, and cuts the others itself', async () => {
  const both = await parts(false);
  const embedder = fusedEmbedder(
    both.map((each) => each.embedder),
    fusion,
  );
  expect(embedder.crop).toMatchObject({ template: 'arcface', size: 112 });
  const assessed = faces.map(({ landmarks }) => assessCrop(picture, embedder, landmarks));
  const reused = await embedFaces(picture, embedder, faces, { assessed });
  expect(both[0]?.images).toEqual(assessed.map(({ crop }) => crop));
  expect(both[1]?.images.map(({ width }) => width)).toEqual([150, 150]);
  expect(JSON.stringify(reused)).toBe(JSON.stringify(await embedFaces(picture, embedder, faces)));
});
