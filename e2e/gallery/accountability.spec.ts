import { expect, openGallery, test } from '../support/gallery.ts';

const day = 86_400_000;

test('keeps consent over visits, and removes a person whose time has passed when it is opened', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const id = await page.evaluate(async (day) => {
    const gallery = await galleries.Gallery.open({ name: 'kept', facenet: tools.facenet });
    const consent = { purpose: 'door', text: 'I agree.', version: '2', at: new Date() };
    const crop = new Blob(['pixels'], { type: 'image/png' });
    const ends = new Date(Date.now() + day);
    const enrolment = await gallery.enrol({ name: 'Ada' }, tools.face(1), { consent, expiresAt: ends, crop });
    await gallery.enrol({ name: 'Bob' }, tools.face(2), { consent });
    await gallery.close();
    return enrolment.enrolled && enrolment.person.id;
  }, day);
  const later = await context.newPage();
  await openGallery(later, server);
  const visit = () =>
    later.evaluate(async () => {
      const receipts: import('../../lib/gallery/index.ts').ErasureReceipt[] = [];
      const onExpire = (each: typeof receipts) => receipts.push(...each);
      const gallery = await galleries.Gallery.open({ name: 'kept', onExpire });
      const people = await gallery.list();
      await gallery.close();
      const { crops } = await tools.rows('kept');
      return {
        people: people.map(({ name, consent }) => `${name} ${consent?.version}`),
        crops: crops?.length,
        receipts: receipts.map(({ reason, people }) => ({ reason, people })),
      };
    });
  expect(await visit()).toEqual({ people: ['Ada 2', 'Bob 2'], crops: 1, receipts: [] });
  await later.clock.setFixedTime(Date.now() + 2 * day);
  expect(await visit()).toEqual({ people: ['Bob 2'], crops: 0, receipts: [{ reason: 'expired', people: [id] }] });
});

test('continues one sealed log from two tabs, and notices entries that are deleted on the disk', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await context.newPage();
  await openGallery(other, server);
  const use = async () => {
    const gallery = await galleries.Gallery.open({ name: 'log', facenet: tools.facenet, passphrase: 'one', log: true });
    Object.assign(globalThis, { gallery });
    await gallery.enrol({ name: 'Ada' }, tools.face(1), { allow: ['other-person'] });
    for (let i = 0; i < 10; i++) await gallery.identify(tools.face(1));
  };
  await Promise.all([page.evaluate(use), other.evaluate(use)]);
  const results = await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as { gallery: import('../../lib/gallery/index.ts').Gallery };
    const { entries } = await galleries.verifyLog(await gallery.exportLog());
    const stored = await tools.records();
    const remove = async () => {
      const opening = indexedDB.open('facenet-gallery:log');
      const db = await new Promise<IDBDatabase>((resolve) => {
        opening.onsuccess = () => resolve(opening.result);
      });
      const transaction = db.transaction('log', 'readwrite');
      transaction.objectStore('log').delete(7);
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
      db.close();
    };
    await remove();
    const options = { name: 'log', facenet: tools.facenet, passphrase: 'one' };
    const code = await gallery.log().then(
      () => 'none',
      (error: { code: string }) => error.code,
    );
    const repaired = await galleries.Gallery.open({ ...options, repair: true });
    const restarted = await repaired.log();
    await repaired.erase();
    return {
      identified: entries.filter(({ event }) => event === 'identified').length,
      enrolled: entries.filter(({ event }) => event === 'enrolled').length,
      readable: /identified|enrolled/.test(stored),
      code,
      restarted: restarted.map(({ event }) => event),
    };
  });
  expect(results).toEqual({
    identified: 20,
    enrolled: 2,
    readable: false,
    code: 'gallery-corrupt',
    restarted: ['log-started'],
  });
});
