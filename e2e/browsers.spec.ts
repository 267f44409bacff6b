import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';
import { serveLibrary } from '../scripts/browser.ts';
import { type Driver, missing, openFirefox, openWebKit } from './browsers/driver.ts';

const photos = fileURLToPath(new URL('../node_modules/@vladmandic/face-api/demo', import.meta.url));

/** The start of what runs in the page: the built library, from plain files. */
const imports = `
  const { FaceNet } = await import('/dist/facenet-web.js');
  const { Gallery } = await import('/dist/gallery.js');
  const photo = async (name) => (await fetch('/photos/' + name)).blob();
`;

/** Enrols two people of one photo, and compares one with himself in another size and with the other. */
const enrol = `${imports}
  const facenet = await FaceNet.load({ models: '/models/' });
  const blob = await photo('sample1.jpg');
  const bitmap = await createImageBitmap(blob);
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width / 2; canvas.height = bitmap.height / 2;
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const [ada, bob] = await facenet.embed(blob, { thorough: false });
  const small = await facenet.embed(canvas, { thorough: false });
  const distances = small.map((face) => facenet.compare(ada, face));
  const gallery = await Gallery.open({ name: 'people', facenet });
  const first = await gallery.enrol({ name: 'Ada' }, ada);
  const second = await gallery.enrol({ name: 'Bob' }, bob);
  const { backend, place } = facenet;
  await gallery.close();
  await facenet.dispose();
  return { faces: small.length, same: distances.filter(({ same }) => same).length,
    enrolled: [first.enrolled, second.enrolled], backend: backend.name, place: place.name };
`;

/** After a reload: who is in the picture. */
const identify = `${imports}
  const facenet = await FaceNet.load({ models: '/models/' });
  const gallery = await Gallery.open({ name: 'people', facenet });
  const faces = await facenet.embed(await photo('sample1.jpg'), { thorough: false });
  const names = [];
  for (const face of faces) names.push((await gallery.identify(face)).match?.person.name ?? 'nobody');
  await gallery.erase();
  await facenet.dispose();
  return names.sort();
`;

const browsers: { name: 'firefox' | 'webkit'; open: () => Promise<Driver> }[] = [
  { name: 'firefox', open: openFirefox },
  { name: 'webkit', open: openWebKit },
];

for (const { name, open } of browsers) {
  test(`${name}: photos are compared, people enrolled, and known after a reload`, async () => {
    const obstacle = missing[name];
    test.skip(obstacle !== undefined, obstacle);
    const server = await serveLibrary({ '/photos': photos });
    const driver = await open();
    try {
      test.info().annotations.push({ type: 'browser', description: driver.version });
      await driver.goto(server.url);
      expect(await driver.run(enrol)).toMatchObject({
        faces: 3,
        same: 1,
        enrolled: [true, true],
        backend: 'wasm',
        place: 'worker',
      });
      await driver.goto(server.url);
      expect(await driver.run(identify)).toEqual(['Ada', 'Bob', 'nobody']);
    } finally {
      await driver.close();
      await server.close();
    }
  });
}
