import { type Actor, type MovingFaces, startMovingFaces } from '../../scripts/kit/moving-faces.ts';
import { expect, test } from '../support/library.ts';

declare global {
  var makeVideo: (actors: readonly Actor[]) => Promise<MovingFaces>;
}

test('ends the name, the id and the embedding of a face after a cut to another person at the same place', async ({
  sharedPage: page,
}) => {
  await page.evaluate(`globalThis.makeVideo = ${startMovingFaces.toString()}`);
  const result = await page.evaluate(async () => {
    const address = '/dist/gallery.js';
    const { Gallery } = (await import(address)) as typeof import('../../lib/gallery/index.ts');
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const gallery = await Gallery.open({ name: 'cut', facenet, storage: 'memory' });
    const portrait = '/photos/sample1.jpg';
    const people = await facenet.embed(await photo(portrait), { minSize: 100, maxFaces: 2 });
    const [ada, bob] = people as [(typeof people)[0], (typeof people)[0]];
    await gallery.enrol({ name: 'Ada' }, ada);
    await gallery.enrol({ name: 'Bob' }, bob);
    const cutAt = 4000;
    const place = { photo: portrait, x: 320, y: 240, sway: 20, period: 3000, size: 140 };
    const { video, startedAt, stop } = await makeVideo([
      { ...place, box: ada.box, seen: [[0, cutAt]] },
      { ...place, box: bob.box, seen: [[cutAt, 60_000]] },
    ]);
    const frames: { time: number; id: number; name: string; embedding: Float32Array | undefined }[] = [];
    try {
      for await (const { faces, time } of facenet.watch(video, { gallery, signal: AbortSignal.timeout(45_000) })) {
        for (const { id, identity, trackEmbedding } of faces) {
          const name = identity?.status === 'known' ? identity.person.name : `${identity?.status}`;
          frames.push({ time: time - startedAt, id, name, embedding: trackEmbedding?.embedding });
        }
        if (frames.at(-1)?.name === 'Bob') break;
      }
    } finally {
      stop();
    }
    const last = frames.at(-1);
    const after = frames.filter(({ time }) => time > cutAt);
    const wrong = after.filter(({ name }) => name === 'Ada');
    const probability = last?.embedding && facenet.compare(last.embedding, bob).probability;
    await facenet.dispose();
    return {
      before: frames.findLast(({ time }) => time < cutAt)?.name,
      wrongFrames: wrong.length,
      wrongTime: (wrong.at(-1)?.time ?? cutAt) - cutAt,
      ids: [frames[0]?.id, last?.id],
      probability,
    };
  });
  expect(result.before).toBe('Ada');
  // 500 ms or three frames, whichever is longer.
  expect(Math.min(result.wrongFrames / 3, result.wrongTime / 500)).toBeLessThanOrEqual(1);
  expect(result.ids[1]).toBeGreaterThan(result.ids[0] as number);
  expect(result.probability).toBeGreaterThan(0.5);
});
