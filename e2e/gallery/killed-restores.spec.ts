import { expect, kill, openGallery, test } from '../support/gallery.ts';

test('a restore that is killed leaves nothing or everything, and succeeds when it is repeated', async ({
  context,
  galleryPage: page,
  server,
}) => {
  const people = 30;
  const text = await page.evaluate(async (people) => {
    const gallery = await galleries.Gallery.open({ name: 'source', facenet: tools.facenet, passphrase: 'one' });
    for (let i = 0; i < people; i++) {
      const crop = new Blob([new Uint8Array(50_000).fill(i)]);
      await gallery.enrol({ name: `${i}` }, tools.face(i), { crop, allow: ['other-person'] });
    }
    return (await gallery.export({ passphrase: 'two' })).text();
  }, people);
  // Killed while the file is decrypted, within the transaction, at its last record, and after it.
  const points = { 'before the transaction': 0, '40': 0, '91': 0, done: people };
  for (const [point, expected] of Object.entries(points)) {
    const dying = await openGallery(await context.newPage(), server);
    const reached = dying.waitForEvent('console', (message) => message.text() === 'reached');
    const work = dying.evaluate(
      async ({ text, point }) => {
        const keys = { name: 'restored', facenet: tools.facenet, passphrase: 'three' };
        const gallery = await galleries.Gallery.open(keys);
        const { put } = IDBObjectStore.prototype;
        let count = 0;
        IDBObjectStore.prototype.put = function (...args) {
          const request = put.apply(this, args);
          if (++count === Number(point)) {
            // A transaction with a pending request stays open.
            const keepOpen = () => {
              this.count().onsuccess = keepOpen;
            };
            keepOpen();
            request.addEventListener('success', () => console.log('reached'));
          }
          return request;
        };
        if (point === 'before the transaction') {
          let decrypted = 0;
          const { decrypt } = SubtleCrypto.prototype;
          SubtleCrypto.prototype.decrypt = function (...args) {
            if (++decrypted === 20) console.log('reached');
            return decrypted >= 20 ? new Promise(() => {}) : decrypt.apply(this, args);
          };
        }
        const imported = await gallery.import(new Blob([text]), { passphrase: 'two' });
        console.log('reached');
        return [imported.people, count];
      },
      { text, point },
    );
    // It never resolves when the page is killed.
    const written = work.catch(() => undefined);
    await reached;
    // 30 people, templates and crops, and the gallery's own record.
    if (point === 'done') expect(await written).toEqual([people, 91]);
    await kill(dying);
    const outcome = await page.evaluate(async (text) => {
      const gallery = await galleries.Gallery.open({ name: 'restored', passphrase: 'three' });
      const before = (await gallery.list()).length;
      await gallery.import(new Blob([text]), { passphrase: 'two' });
      const people = await gallery.list();
      const crops = await Promise.all(people.map(({ faces }) => gallery.crop(faces[0]?.id as string)));
      const match = (await gallery.identify(tools.face(7))).match?.person.name;
      await gallery.erase();
      return { before, after: people.length, bytes: crops.map((crop) => crop?.size), match };
    }, text);
    expect([point, outcome]).toEqual([
      point,
      { before: expected, after: people, bytes: Array(people).fill(50_000), match: '7' },
    ]);
  }
});
