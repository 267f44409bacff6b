import { createDatabase, exported } from '../support/earlier-release.ts';
import { expect, test } from '../support/gallery.ts';

const counts = { model: 'dlib-resnet-34', current: false, faces: 12, crops: 8 };

test('a gallery of release 0.1.0 is counted, embedded again with another model, and names people in other photos', async ({
  galleryPage: page,
}) => {
  await createDatabase(page, 'old');
  const result = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', embedder: 'mobilefacenet' });
    const gallery = await galleries.Gallery.open({ name: 'old', facenet });
    /** The names of the faces in a sample photo, from left to right. */
    const namesIn = async (sample: string) => {
      const faces = await facenet.embed(await photo(`/photos/${sample}.jpg`), { minSize: 100 });
      const matches = faces
        .sort((a, b) => a.box.x - b.box.x)
        .map(async (face) => (await gallery.identify(face)).match?.person.name);
      return Promise.all(matches);
    };
    const models = await gallery.models();
    const error = await namesIn('sample3').catch(({ code, message }) => ({ code, message }));
    const first = await gallery.reembed(facenet);
    const partly = await gallery.models();
    const second = await gallery.reembed(facenet, { removeRest: true });
    const people = (await gallery.list()).map(({ name, faces }) => `${name}: ${faces.length}`);
    const names: Record<string, unknown> = {};
    for (const sample of ['sample1', 'sample3', 'sample4', 'sample5', 'sample6']) names[sample] = await namesIn(sample);
    return { models, error, first, partly, second, people, names };
  });
  expect(result.models).toEqual([counts]);
  expect(result.error).toEqual({
    code: 'model-mismatch',
    message:
      '12 of 12 enrolled faces (8 with a stored crop) are of "dlib-resnet-34", not of "mobilefacenet": call reembed(facenet), with { removeRest: true } to remove the enrolled faces that cannot be embedded again, or use FaceNet.load({ embedder: "dlib-resnet-34" }).',
  });
  const { withoutCrop, withoutFace, embedded } = result.first;
  expect([embedded, withoutCrop.length, withoutFace.length]).toEqual([7, 4, 1]);
  expect(result.partly).toEqual([
    { model: 'mobilefacenet', current: true, faces: 7, crops: 7 },
    { ...counts, faces: 5, crops: 1 },
  ]);
  const removed = [...withoutCrop, ...withoutFace].map(({ face }) => face);
  const receipt = { reason: 'removed', people: [], faces: removed, crops: withoutFace.length };
  expect(result.second).toMatchObject({ embedded: 0, withoutCrop, withoutFace, receipt });
  expect(result.people).toEqual([
    'Person 1: 2',
    'Person 2: 2',
    'Person 3: 1',
    'Person 4: 1',
    'Person 5: 1',
    'Person 6: 0',
  ]);
  expect(result.names.sample1).toEqual(['Person 1', 'Person 2', 'Person 3']);
  expect(result.names.sample6).toEqual([undefined, 'Person 4', 'Person 5', undefined]);
  // Person 3 is in the middle of sample3, and Person 2 on the left of sample4. Nobody of sample5 is enrolled.
  expect((result.names.sample3 as string[])[1]).toBe('Person 3');
  expect((result.names.sample4 as string[])[0]).toBe('Person 2');
  expect(new Set(result.names.sample5 as string[])).toEqual(new Set([undefined]));
});

test('a gallery of release 0.1.0 is searched without conversion by a FaceNet with its embedder', async ({
  galleryPage: page,
}) => {
  await createDatabase(page, 'old');
  const result = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', embedder: 'dlib-resnet-34' });
    const faces = await facenet.embed(await photo('/photos/sample3.jpg'), { minSize: 100 });
    const middle = faces.sort((a, b) => a.box.x - b.box.x)[1] as (typeof faces)[0];
    const names = [];
    // The second time, the model and the calibration are those that the gallery stored.
    for (const options of [{ facenet }, {}]) {
      const gallery = await galleries.Gallery.open({ name: 'old', ...options });
      names.push((await gallery.identify(middle)).match?.person.name);
      await gallery.close();
    }
    const gallery = await galleries.Gallery.open({ name: 'old', facenet });
    const enrolment = await gallery.enrol({ name: 'Person 7' }, faces[0] as (typeof faces)[0]);
    return { names, enrolled: enrolment.enrolled, models: await gallery.models() };
  });
  expect(result).toEqual({
    names: ['Person 3', 'Person 3'],
    enrolled: true,
    models: [{ ...counts, current: true, faces: 13 }],
  });
});

test('an export of release 0.1.0 is imported into an empty gallery of a fusion of networks and embedded again', async ({
  galleryPage: page,
}) => {
  const result = await page.evaluate(async (text) => {
    const facenet = await library.FaceNet.load({ models: '/models/', embedder: 'mobilefacenet-dlib' });
    const gallery = await galleries.Gallery.open({ name: 'new', facenet });
    const added = await gallery.import(new Blob([text]));
    const models = await gallery.models();
    const { embedded } = await gallery.reembed(facenet, { removeRest: true });
    const again = await codeOf(gallery.import(new Blob([text])));
    const [left] = (await facenet.embed(await photo('/photos/sample1.jpg'), { minSize: 100 })).sort(
      (a, b) => a.box.x - b.box.x,
    );
    const match = left && (await gallery.identify(left)).match?.person.name;
    return { added, models, embedded, again, match };
  }, exported);
  expect(result).toEqual({
    added: { people: 6, faces: 12 },
    models: [counts],
    embedded: 7,
    again: 'model-mismatch',
    match: 'Person 1',
  });
});
