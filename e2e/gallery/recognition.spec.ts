import { expect, openGallery, test } from '../support/gallery.ts';

test('after a reload, identifies enrolled people, rejects strangers, and re-embeds the gallery for another model', async ({
  galleryPage: page,
  server,
}) => {
  const enrolled = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const gallery = await galleries.Gallery.open({ name: 'family', facenet });
    const blob = await photo('/photos/sample1.jpg');
    const faces = await facenet.embed(blob, { minSize: 100 });
    const refused = await gallery.enrol({ name: 'Everybody' }, faces);
    const results = [];
    for (const [i, face] of faces.entries()) {
      const crop = await facenet.align(blob, face);
      results.push(await gallery.enrol({ name: `Person ${i + 1}` }, face, { crop }));
    }
    const again = await gallery.enrol({ name: 'Somebody else' }, faces[0] as (typeof faces)[0]);
    return { refused, results: results.map(({ enrolled }) => enrolled), again };
  });
  expect(enrolled.refused).toEqual({ enrolled: false, reasons: [{ kind: 'several-faces', faces: 3 }] });
  expect(enrolled.results).toEqual([true, true, true]);
  expect(enrolled.again).toMatchObject({
    enrolled: false,
    reasons: [{ kind: 'other-person', candidate: { person: { name: 'Person 1' } } }],
  });

  await openGallery(page, server);
  const answers = await page.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'family' });
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const bitmap = await createImageBitmap(await photo('/photos/sample1.jpg'));
    const canvas = new OffscreenCanvas(bitmap.width * 0.7, bitmap.height * 0.7);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.filter = 'brightness(0.7)';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const names = [];
    for (const face of await facenet.embed(canvas, { minSize: 100 }))
      names.push((await gallery.identify(face)).match?.person.name);
    const strangers = [];
    for (const face of await facenet.embed(await photo('/photos/sample5.jpg'), { minSize: 100 }))
      strangers.push(await gallery.identify(face));
    // Embeddings of another model do not match, so that only the stored crops help.
    const renamed = { ...facenet.rule, model: 'renamed' };
    const renamedModel = {
      rule: renamed,
      embed: async (source: ImageBitmap, face: import('../../lib/index.ts').Face) => ({
        ...(await facenet.embed(source, face)),
        model: 'renamed',
      }),
    };
    const before = await facenet.embed(await photo('/photos/sample1.jpg'), { minSize: 100 });
    const outcome = await gallery.reembed(renamedModel);
    const distances = [];
    for (const { embedding } of before) distances.push((await gallery.identify(embedding)).match?.distance ?? 9);
    return { names, strangers, outcome, distances };
  });
  expect(answers.names.toSorted()).toEqual(['Person 1', 'Person 2', 'Person 3']);
  expect(answers.strangers.length).toBeGreaterThan(0);
  for (const { match, fpir } of answers.strangers) expect([match, fpir < 0.011]).toEqual([undefined, true]);
  expect(answers.outcome).toEqual({ embedded: 3, withoutCrop: [], withoutFace: [] });
  expect(Math.max(...answers.distances)).toBeLessThan(0.1);
});

test('both indexes of the built library return the same neighbours as a linear search', async ({
  galleryPage: page,
}) => {
  const wrong = await page.evaluate(async () => {
    const [dimension, count, limit] = [128, 600, 10];
    let state = 1;
    const random = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 - 0.5;
    };
    const vector = () => Float32Array.from({ length: dimension }, random);
    const entries = Array.from({ length: count }, (_, i) => ({
      id: `${i}`,
      person: `${i % 900}`,
      embedding: vector(),
    }));
    const wrong: string[] = [];
    for (const index of [new galleries.ExactIndex(dimension), new galleries.QuantisedIndex(dimension)]) {
      await index.add(entries);
      await index.remove(entries.filter((_, i) => i % 7 === 0).map(({ id }) => id));
      for (let i = 0; i < 20; i++) {
        const probe = vector();
        const expected = entries
          .filter((_, i) => i % 7 !== 0)
          .map(({ id, embedding }) => ({ id, distance: library.euclideanDistance(embedding, probe) }))
          .sort((a, b) => a.distance - b.distance)
          .slice(0, limit);
        const found = (await index.search(probe, { limit })).map(({ id, distance }) => ({ id, distance }));
        if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(`${index.constructor.name} ${i}`);
      }
    }
    return wrong;
  });
  expect(wrong).toEqual([]);
});

test('clusters the faces of three versions of a photo by person', async ({ sharedPage: page }) => {
  const clusterings = await page.evaluate(async () => {
    const address = '/dist/clustering.js';
    const { clusterFaces }: typeof import('../../lib/clustering/index.ts') = await import(address);
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const bitmap = await createImageBitmap(await photo('/photos/sample1.jpg'), { resizeWidth: 960 });
    const pictures = [1, 0.7, 0.85].map((scale) => {
      const canvas = new OffscreenCanvas(bitmap.width * scale, bitmap.height * scale);
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
      context.filter = `brightness(${scale})`;
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      return { canvas, scale };
    });
    const faces: (import('../../lib/index.ts').EmbeddedFace & { position: number })[] = [];
    for (const { canvas, scale } of pictures) {
      for (const face of await facenet.embed(canvas))
        faces.push({ ...face, position: face.box.x / scale / bitmap.width });
    }
    /** The horizontal positions of each cluster's faces. A position identifies a person: the people in the photo do not overlap. */
    const positions = (clusters: { members: number[] }[]) =>
      clusters
        .map(({ members }) => members.map((i) => faces[i]?.position ?? 0))
        .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
    const byWhispers = await clusterFaces(faces, facenet);
    const byLinkage = await clusterFaces(faces, facenet, { method: 'agglomerative' });
    const known = await clusterFaces(faces.slice(0, 3), facenet);
    const extended = await clusterFaces(faces, facenet, { known });
    await facenet.dispose();
    return [byWhispers, byLinkage, extended].map(positions);
  });
  for (const clusters of clusterings) {
    expect(clusters.map(({ length }) => length)).toEqual([3, 3, 3]);
    for (const positions of clusters) expect(Math.max(...positions) - Math.min(...positions)).toBeLessThan(0.02);
  }
});
