import { expect, openGallery, test } from '../support/gallery.ts';

test('receives changes from another tab without a reload, and keeps concurrent changes from both tabs', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await context.newPage();
  await openGallery(other, server);
  await page.evaluate(async () => {
    const { facenet, face } = tools;
    let onChange = () => {};
    const changed = new Promise<void>((resolve) => {
      onChange = resolve;
    });
    const gallery = await galleries.Gallery.open({ name: 'shared', facenet, onChange });
    await gallery.enrol({ name: 'Ada' }, face(1));
    Object.assign(globalThis, { gallery, changed });
  });
  const names = await other.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'shared' });
    const names = (await gallery.list()).map(({ name }) => name);
    await gallery.enrol({ name: 'Bob' }, tools.face(2));
    Object.assign(globalThis, { gallery });
    return names;
  });
  expect(names).toEqual(['Ada']);
  const name = await page.evaluate(async () => {
    const { gallery, changed } = globalThis as unknown as {
      gallery: import('../../lib/gallery/index.ts').Gallery;
      changed: Promise<void>;
    };
    await changed;
    return (await gallery.identify(tools.face(2))).match?.person.name;
  });
  expect(name).toBe('Bob');

  const write = (from: number) => async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    for (let i = from; i < from + 10; i++) await gallery.enrol({ name: `${i}` }, tools.face(i));
  };
  // A page gets the function as text, in which the number stands as an argument.
  await Promise.all([page.evaluate(`(${write.toString()})(10)()`), other.evaluate(`(${write.toString()})(20)()`)]);
  const counts = await Promise.all(
    [page, other].map((each) =>
      each.evaluate(async () => {
        const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
        return (await gallery.list()).length;
      }),
    ),
  );
  expect(counts).toEqual([22, 22]);

  // Encryption moves the gallery to a new database, with which the other tab continues.
  const people = await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    await gallery.protect('open sesame');
    return (await gallery.list()).length;
  });
  expect(people).toBe(22);
  const followed = await other.evaluate(async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    const code = await codeOf(gallery.list());
    await gallery.unlock('open sesame');
    return [code, (await gallery.list()).length, gallery.locked];
  });
  expect(followed).toEqual(['gallery-locked', 22, false]);
  // A lock in one tab locks both.
  await page.evaluate(() =>
    (globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.lock(),
  );
  await other.waitForFunction(
    () => (globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.locked,
  );

  await page.evaluate(() =>
    (globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.erase(),
  );
  const code = await other.evaluate(() =>
    codeOf((globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery }).gallery.list()),
  );
  expect(code).toBe('disposed');
});
