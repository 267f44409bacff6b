import { expect, openGallery, test } from '../support/gallery.ts';

test('a gallery with template key and passphrase is reissued, locked, exported, erased and imported again', async ({
  galleryPage: page,
  server,
}) => {
  const written = await page.evaluate(async () => {
    const { facenet, face, records } = tools;
    const gallery = await galleries.Gallery.open({ name: 'life', facenet });
    for (const [i, name] of ['Ada', 'Bob'].entries()) {
      const crop = new Blob([`the pixels of ${name}`], { type: 'image/png' });
      await gallery.enrol({ name, metadata: { desk: i } }, face(i), { crop });
    }
    // Crops and a template key need a passphrase.
    const refused = await codeOf(gallery.reissue(new Uint8Array(32).fill(1)));
    const base64 = btoa(String.fromCharCode(...new Uint8Array(face(0).embedding.buffer)));
    const plain = await records();
    await gallery.protect('one');
    const encrypted = await records();
    await gallery.changePassphrase('one', 'two');
    await gallery.reissue(new Uint8Array(32).fill(1));
    await gallery.reissue(new Uint8Array(32).fill(2));
    const match = (await gallery.identify(face(1))).match?.person.name;
    await gallery.close();
    return { refused, base64, plain, encrypted, after: await records(), match };
  });
  expect(written.refused).toBe('option-invalid');
  for (const word of ['the pixels of Ada', written.base64]) expect(written.plain).toContain(word);
  for (const secret of ['"Ada"', 'of Ada', 'pixels', 'desk', 'embedding', written.base64]) {
    expect(written.encrypted).not.toContain(secret);
    expect(written.after).not.toContain(secret);
  }
  expect(written.match).toBe('Bob');

  await openGallery(page, server);
  await page.clock.install();
  const read = await page.evaluate(async () => {
    const { face } = tools;
    const { Gallery } = galleries;
    const name = 'life';
    const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const refusals = [
      await codeOf(Gallery.open({ name, passphrase: 'two' })),
      await codeOf(Gallery.open({ name, passphrase: 'two', templateKey: first })),
      await codeOf(Gallery.open({ name, passphrase: 'one', templateKey: second })),
    ];
    const gallery = await Gallery.open({ name, passphrase: 'two', templateKey: second, lockAfter: 4000 });
    const { match, fpir } = await gallery.identify(face(1));
    const stranger = (await gallery.identify(face(77))).match;
    Object.assign(globalThis, { gallery });
    return { refusals, match, fpir, stranger };
  });
  expect(read).toMatchObject({
    refusals: ['key-wrong', 'key-wrong', 'key-wrong'],
    match: { person: { name: 'Bob', metadata: { desk: 1 } } },
  });
  expect(read.stranger).toBeUndefined();
  expect(read.fpir).toBeLessThan(0.011);

  await page.clock.fastForward(5000);
  const exported = await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    const locked = await codeOf(gallery.list());
    await gallery.unlock('two');
    const withoutPassphrase = await codeOf(gallery.export());
    const file = await (await gallery.export({ passphrase: 'three' })).text();
    await gallery.erase();
    const left = [await tools.records(), (await indexedDB.databases()).length];
    return { locked, withoutPassphrase, file, left };
  });
  expect(exported).toMatchObject({ locked: 'gallery-locked', withoutPassphrase: 'option-invalid', left: ['[]', 0] });
  for (const secret of ['"Ada"', 'of Ada', 'pixels', 'desk', written.base64]) {
    expect(exported.file).not.toContain(secret);
  }

  await openGallery(page, server);
  const imported = await page.evaluate(async (text) => {
    const { facenet, face } = tools;
    const file = new Blob([text]);
    const other = await galleries.Gallery.open({ name: 'other', facenet });
    const refused = await codeOf(other.import(file, { passphrase: 'three' }));
    await other.erase();
    const templateKey = new Uint8Array(32).fill(2);
    const gallery = await galleries.Gallery.open({ name: 'life', facenet, templateKey, passphrase: 'four' });
    const wrong = await codeOf(gallery.import(file, { passphrase: 'two' }));
    const added = [
      await gallery.import(file, { passphrase: 'three' }),
      await gallery.import(file, { passphrase: 'three' }),
    ];
    const people = await gallery.list();
    const crop = await gallery.crop(people[0]?.faces[0]?.id as string);
    const match = (await gallery.identify(face(0))).match?.person.name;
    await gallery.close();
    return { refused, wrong, added, names: people.map(({ name }) => name), crop: await crop?.text(), match };
  }, exported.file);
  expect(imported).toEqual({
    refused: 'key-wrong',
    wrong: 'key-wrong',
    added: [
      { people: 2, faces: 2 },
      { people: 0, faces: 0 },
    ],
    names: ['Ada', 'Bob'],
    crop: 'the pixels of Ada',
    match: 'Ada',
  });
});
