import { expect, test } from 'playwright/test';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { type Driver, missing } from '../support/browsers/driver.ts';
import { openFirefox } from '../support/browsers/firefox.ts';
import { openWebKit } from '../support/browsers/webkit.ts';
import { photos } from '../support/library.ts';
import { isLong } from '../support/sampling.ts';

/** The imports of the scripts on the empty page. */
const imports = `
  const { FaceNet } = await import('/dist/facenet-web.js');
  const { Gallery } = await import('/dist/gallery.js');
  const photo = async (name) => (await fetch('/photos/' + name)).blob();
`;

/** Enrols two people of a photo, and compares one of them with the faces of the photo in half its size. */
const enrol = `${imports}
  const facenet = await FaceNet.load({ models: '/models/', preset: 'fast' });
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
  const { backend, execution } = facenet;
  await gallery.close();
  await facenet.dispose();
  return { faces: small.length, same: distances.filter(({ same }) => same).length,
    enrolled: [first.enrolled, second.enrolled], backend: backend.name, execution: execution.name };
`;

/** Identifies the faces of the photo after a reload. */
const identify = `${imports}
  const facenet = await FaceNet.load({ models: '/models/', preset: 'fast' });
  const gallery = await Gallery.open({ name: 'people', facenet });
  const faces = await facenet.embed(await photo('sample1.jpg'), { thorough: false });
  const names = [];
  for (const face of faces) names.push((await gallery.identify(face)).match?.person.name ?? 'unknown');
  await gallery.erase();
  await facenet.dispose();
  return names.sort();
`;

/** The helpers of the scripts in the demo: `until` waits for an element, and `complaints` lists the errors of the page. */
const helpers = `
  const until = async (find) => {
    for (const end = Date.now() + 300_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const trouble = document.querySelector('[role="alert"], .toast')?.innerText;
      if (trouble) throw new Error(trouble);
      const found = find();
      if (found) return found;
    }
    throw new Error('Still waiting, with: ' + document.body.innerText);
  };
  const complaints = (globalThis.complaints ??= (() => {
    const list = [];
    addEventListener('error', ({ message }) => list.push(message));
    addEventListener('unhandledrejection', ({ reason }) => list.push(String(reason)));
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      list.push(violatedDirective + ' ' + blockedURI));
    return list;
  })());
`;

/** Selects two sample photos, and returns the verdict. */
const verdictOn = (first: number, second: number): string => `${helpers}
  if (document.documentElement.lang !== 'en') document.querySelector('.tools [lang="en"]').click();
  const button = (slot, number) =>
    document.querySelector('section[aria-label="' + slot + '"] button[aria-label="Sample photo ' + number + '"]');
  const chosen = await Promise.all([['First photo', ${first}], ['Second photo', ${second}]].map(async ([slot, number]) => {
    const sample = await until(() => button(slot, number));
    if (sample.ariaPressed !== 'true') sample.click();
    return sample;
  }));
  // The demo removes the previous verdict when it marks a photo as selected.
  await until(() => chosen.every(({ ariaPressed }) => ariaPressed === 'true'));
  const ruling = await until(() => document.querySelector('.verdict:not([data-verdict="none"]) .outcome h2'));
  return ruling.textContent;
`;

/** Plays the sample video, and waits for a face, the service worker and the gallery. `stored` is whether the gallery is stored. */
const goLive = `${helpers}
  location.hash = '#/live?samples';
  await until(() => document.querySelector('.in-view .name')?.textContent === 'Unknown');
  await until(() => document.querySelector('.model-status').textContent.includes('Ready, works offline'));
  const people = await until(() => document.querySelector('.people'));
  return { stored: people.querySelector('.notice') === null, complaints };
`;

const browsers: { name: 'firefox' | 'webkit'; open: () => Promise<Driver> }[] = [
  { name: 'firefox', open: openFirefox },
  { name: 'webkit', open: openWebKit },
];

for (const { name, open } of browsers) {
  test(`${name}: compares faces, and identifies enrolled people after a reload`, async () => {
    const lacking = missing[name];
    test.skip(lacking !== undefined, lacking);
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
        execution: 'worker',
      });
      await driver.goto(server.url);
      expect(await driver.run(identify)).toEqual(['Ada', 'Bob', 'unknown']);
    } finally {
      await driver.close();
      await server.close();
    }
  });

  test(`${name}: the demo compares sample photos, and recognises live`, async ({ baseURL }) => {
    const lacking = missing[name];
    test.skip(lacking !== undefined, lacking);
    // A busy machine takes minutes for each of the three steps.
    test.slow();
    const driver = await open();
    try {
      test.info().annotations.push({ type: 'browser', description: driver.version });
      await driver.goto(`${baseURL}#/compare?a=0&b=0`);
      expect(await driver.run(verdictOn(3, 4))).toBe('Same person');
      if (isLong) expect(await driver.run(verdictOn(3, 7))).toBe('Different people');
      expect(await driver.run(goLive)).toEqual({ stored: true, complaints: [] });
    } finally {
      await driver.close();
    }
  });
}
