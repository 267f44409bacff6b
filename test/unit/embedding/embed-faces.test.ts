import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import type { Box, LandmarkedFace, Point } from '../../../lib/core/types.ts';
import { assessCrop, embedFaces } from '../../../lib/embedding/embed-faces.ts';
import { networkEmbedder } from '../../../lib/embedding/embedder.ts';
import { pixelPicture } from '../../../lib/image/pixel-picture.ts';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import type { EmbeddingDescriptor, Manifest } from '../../../lib/models/manifest.ts';
import { recordingNetwork } from '../../support/recording-network.ts';

const manifest = JSON.parse(
  readFileSync(new URL('../../../public/models/manifest.json', import.meta.url), 'utf8'),
) as Manifest;
const descriptor = manifest.models.find(({ name }) => name === 'dlib-resnet-34') as EmbeddingDescriptor;

const next = seeded(7);

/** A picture of noise that counts how often its pixels are read: once for each crop. */
function countingPicture() {
  const data = new Uint8ClampedArray(400 * 300 * 4).map(() => next() * 256);
  const picture = pixelPicture({ width: 400, height: 300, data });
  let reads = 0;
  const read = (region: Box) => {
    reads++;
    return picture.read(region);
  };
  return { picture: { ...picture, read }, reads: () => reads };
}

function faceAt(x: number, y: number): LandmarkedFace {
  const points = Array.from({ length: 68 }, (): Point => ({ x: x + next() * 60, y: y + next() * 60 }));
  return faceOf({ scheme: 'ibug-68', points, presence: 0.9 });
}

async function embedderFor(zooms: number[], mirrored: boolean) {
  const { network, images } = await recordingNetwork(descriptor, ({ data }) => [
    Float32Array.from({ length: descriptor.dimension }, (_, i) => (data[i * 16] as number) - 127.5),
  ]);
  return { embedder: networkEmbedder(network, descriptor, { zooms, mirrored }), images };
}

describe.each([
  ['one crop', [1], false],
  ['a crop and its mirror image', [1], true],
  ['crops at two zooms', [1, 0.92], true],
  ['a first zoom other than 1', [0.92, 1], false],
] as const)('embedFaces with %s', (_, zooms, mirrored) => {
  test('returns the same results for crops that were assessed before, and cuts the crops at zoom 1 once', async () => {
    const { embedder, images } = await embedderFor([...zooms], mirrored);
    const { picture, reads } = countingPicture();
    const faces = [faceAt(50, 40), faceAt(220, 150)];
    const assessed = faces.map(({ landmarks }) => assessCrop(picture, embedder, landmarks));
    expect(reads()).toBe(2);
    const reused = await embedFaces(picture, embedder, faces, { assessed });
    expect(reads()).toBe(2 * zooms.length);
    expect(images).toHaveLength(2 * zooms.length * (mirrored ? 2 : 1));
    expect(JSON.stringify(reused)).toBe(JSON.stringify(await embedFaces(picture, embedder, faces)));
  });
});
