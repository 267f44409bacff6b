import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alignedCrop } from '../../../../lib/alignment/align.ts';
import type { Landmarks } from '../../../../lib/core/types.ts';
import { searchMmod } from '../../../../lib/detection/networks/mmod/mmod-detector.ts';
import { networkEmbedder } from '../../../../lib/embedding/embedder.ts';
import { jitterViews } from '../../../../lib/embedding/jitter-views.ts';
import { toByteImage } from '../../../../lib/image/dlib/byte-image.ts';
import { doubled, fromDoubled } from '../../../../lib/image/dlib/pyramid.ts';
import { pixelPicture } from '../../../../lib/image/pixel-picture.ts';
import type { EmbeddingDescriptor, MmodHead } from '../../../../lib/models/manifest.ts';
import { dlibFile, referenceFolder, storedDlibNumbers } from '../../../support/classical-reference.ts';
import { loadDlibNetwork } from '../../../support/dlib-network.ts';
import { readPng } from '../../../support/png.ts';

const numbers = storedDlibNumbers();
const photo = readPng(join(referenceFolder, 'photo.png'));

const resnet = dlibFile('dlib_face_recognition_resnet_model_v1.dat');

describe.skipIf(!resnet)('the embeddings of dlib_face_recognition_resnet_model_v1.dat', () => {
  test('equal those of dlib and of face_recognition with its defaults', { timeout: 60_000 }, async () => {
    const { loader, descriptor } = await loadDlibNetwork(resnet as string);
    const network = await loader.load(descriptor);
    const { template } = descriptor as EmbeddingDescriptor;
    const crops = numbers.faces.map(({ points5 }) => {
      const landmarks: Landmarks = { scheme: 'dlib-5', points: points5.map(([x, y]) => ({ x, y })) };
      return alignedCrop(pixelPicture(photo), landmarks, { template, size: 150, zoom: 1 });
    });
    const outputs = await network.run(crops);
    outputs.forEach(([values], i) => {
      for (const expected of [numbers.faces[i]?.descriptor, numbers.encodings[i]] as number[][]) {
        const difference = Math.hypot(...expected.map((value, j) => value - (values?.[j] as number)));
        expect(difference).toBeLessThan(1e-3);
      }
    });
    loader.dispose();
  });
});

describe.skipIf(!resnet)('the embeddings of random copies', () => {
  const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Math.hypot(...Array.from(a, (value, i) => value - (b[i] as number)));

  test('equal those of face_recognition for its first face, and are near those of others', {
    timeout: 120_000,
  }, async () => {
    const { loader, descriptor } = await loadDlibNetwork(resnet as string);
    const network = await loader.load(descriptor);
    const faces = numbers.faces.map(({ points5 }) => ({
      landmarks: { scheme: 'dlib-5' as const, points: points5.map(([x, y]) => ({ x, y })) },
    }));
    const encodingsOf = async (jitters: number) => {
      const variants = { zooms: [1], mirrored: false };
      const embedder = networkEmbedder(
        network,
        descriptor as EmbeddingDescriptor,
        variants,
        undefined,
        jitterViews(jitters),
      );
      const embedded = await embedder.embed(pixelPicture(photo), faces);
      return embedded.map(({ embedding, magnitude = 1 }) => embedding.map((value) => value * magnitude));
    };
    // The generator of dlib goes on for the second face; ours starts again for each.
    const few = await encodingsOf(4);
    expect(distance(few[0] as Float32Array, numbers.jitteredEncodings[0] as number[])).toBeLessThan(1e-3);
    const many = await encodingsOf(20);
    many.forEach((encoding, i) => {
      const plain = distance(numbers.encodings[i] as number[], numbers.jitteredDescriptors[i] as number[]);
      expect(distance(encoding, numbers.jitteredDescriptors[i] as number[])).toBeLessThan(0.6 * plain);
    });
    loader.dispose();
  });
});

const mmod = dlibFile('mmod_human_face_detector.dat');

describe.skipIf(!mmod)('the detections of mmod_human_face_detector.dat', () => {
  test('equal those of dlib', { timeout: 120_000 }, async () => {
    const { loader, descriptor } = await loadDlibNetwork(mmod as string);
    const head = 'head' in descriptor ? (descriptor.head as MmodHead) : undefined;
    const found = await searchMmod(
      doubled(toByteImage(photo)),
      ({ width, height }) => loader.loadForSize(descriptor, width, height),
      head as MmodHead,
    );
    expect(found.length).toBe(numbers.mmodDoubled.length);
    found.forEach(({ box, score }, i) => {
      const expected = numbers.mmodDoubled[i] as (typeof numbers.mmodDoubled)[number];
      expect(Math.abs(score - expected.score)).toBeLessThan(1e-4);
      const first = fromDoubled({ x: box.left, y: box.top }, 1);
      const last = fromDoubled({ x: box.right, y: box.bottom }, 1);
      [first.x, first.y, last.x, last.y].forEach((value, j) => {
        expect(Math.abs(value - (expected.box[j] as number))).toBeLessThanOrEqual(1);
      });
    });
  });
});
