import { expect, kill, openGallery, test } from '../support/gallery.ts';
import { sampled } from '../support/sampling.ts';

test('a gallery contains only complete people after the page is killed during an enrolment', async ({
  context,
  galleryPage: page,
  server,
}) => {
  // Kill the page after this many enrolments, while the others are pending.
  for (const enrolled of sampled([0, 1, 5, 20, 60], 3)) {
    const dying = await openGallery(await context.newPage(), server);
    const reached = dying.waitForEvent('console', (message) => message.text() === `enrolled ${enrolled}`);
    await dying.evaluate(async () => {
      const gallery = await galleries.Gallery.open({ name: 'crash', facenet: tools.facenet });
      console.log('enrolled 0');
      let count = 0;
      for (let i = 0; i < 200; i++) {
        const crop = new Blob([new Uint8Array(100_000)]);
        void gallery
          .enrol({ name: `${i}` }, tools.face(Math.random() * 1e6), { crop })
          .then(() => console.log(`enrolled ${++count}`))
          .catch(() => {});
      }
    });
    await reached;
    await kill(dying);
  }
  const { people, templates, crops, listed } = await page.evaluate(async () => {
    const gallery = await galleries.Gallery.open({ name: 'crash', facenet: tools.facenet });
    const {
      people = [],
      templates = [],
      crops = [],
    } = (await tools.rows('crash')) as Record<string, { id: string; person: string }[]>;
    return {
      people: people.map(({ id }) => id),
      templates: templates.map(({ person }) => person),
      crops: crops.length,
      listed: (await gallery.list()).length,
    };
  });
  expect(people.length).toBeGreaterThan(0);
  expect(new Set(templates)).toEqual(new Set(people));
  expect([templates.length, crops, listed]).toEqual([people.length, people.length, people.length]);
});

test('leaves a gallery unchanged or completely changed when the page is killed during a change of its keys', async ({
  context,
  galleryPage: page,
  server,
}) => {
  // Each call writes four people, templates and crops, the gallery's record and that it is settled to a new database, marks the old
  // one, and writes all records again after the old one was deleted. The page is killed within these transactions, and at the end.
  const points = { 14: 'before', 15: 'before', 29: 'after', done: 'after' } as const;
  // All of these methods replace the database in the same way.
  for (const what of sampled(['protect', 'changePassphrase', 'reissue', 'rekey'] as const, 1)) {
    for (const [point, state] of Object.entries(points)) {
      const at = point === 'done' ? 'done' : 'within';
      const last = point === 'done' ? 29 : Number(point);
      const dying = await openGallery(await context.newPage(), server);
      const reached = dying.waitForEvent('console', (message) => message.text() === 'reached');
      const work = dying.evaluate(
        async ({ what, at, last }) => {
          const { facenet, face } = tools;
          const templateKey = new Uint8Array(32).fill(1);
          // Without a passphrase a template key is refused beside crops.
          const keys = what !== 'protect' && { templateKey, passphrase: 'one' };
          const gallery = await galleries.Gallery.open({ name: 'killed', facenet, ...keys });
          for (let i = 0; i < 4; i++) {
            await gallery.enrol({ name: `Person ${i}` }, face(i), {
              crop: new Blob([new Uint8Array(100_000).fill(i)]),
            });
          }
          const { put } = IDBObjectStore.prototype;
          let count = 0;
          IDBObjectStore.prototype.put = function (...args) {
            const request = put.apply(this, args);
            if (++count === last && at === 'within') {
              // A transaction with a pending request stays open.
              const keepOpen = () => {
                this.count().onsuccess = keepOpen;
              };
              keepOpen();
              request.addEventListener('success', () => console.log('reached'));
            }
            return request;
          };
          if (what === 'protect') await gallery.protect('two');
          else if (what === 'reissue') await gallery.reissue(new Uint8Array(32).fill(2));
          else if (what === 'rekey') await gallery.rekey('two');
          else await gallery.changePassphrase('one', 'two');
          console.log('reached');
          return count;
        },
        { what, at, last },
      );
      // It never resolves when the page is killed.
      const written = work.catch(() => undefined);
      await reached;
      if (at === 'done') expect([what, await written]).toEqual([what, last]);
      await kill(dying);
      const outcome = await page.evaluate(async (what) => {
        const { face, rows } = tools;
        const { Gallery } = galleries;
        const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
        const [before, after] = {
          protect: [{}, { passphrase: 'two' }],
          changePassphrase: [
            { templateKey: first, passphrase: 'one' },
            { templateKey: first, passphrase: 'two' },
          ],
          rekey: [
            { templateKey: first, passphrase: 'one' },
            { templateKey: first, passphrase: 'two' },
          ],
          reissue: [
            { templateKey: first, passphrase: 'one' },
            { templateKey: second, passphrase: 'one' },
          ],
        }[what] as [object, object];
        /** Whether the gallery opens with these keys and is complete. */
        const isComplete = async (keys: { templateKey?: Uint8Array; passphrase?: string }) => {
          try {
            const gallery = await Gallery.open({ name: 'killed', ...keys });
            if (gallery.locked) return false;
            const people = await gallery.list();
            for (const { name, faces } of people) {
              const number = Number(name.slice(7));
              const crop = new Uint8Array((await (await gallery.crop(faces[0]?.id as string))?.arrayBuffer()) ?? []);
              if (crop.length !== 100_000 || crop.some((byte) => byte !== number)) return false;
              if ((await gallery.identify(face(number))).match?.person.name !== name) return false;
            }
            await gallery.close();
            return people.length === 4;
          } catch (error) {
            // option-invalid: a passphrase for a gallery that is not encrypted.
            const refusals = ['key-wrong', 'option-invalid'];
            if (error instanceof library.FaceNetError && refusals.includes(error.code)) return false;
            throw error;
          }
        };
        const states = { before: await isComplete(before), after: await isComplete(after) };
        const people = JSON.stringify((await rows('killed')).people, (_, value) =>
          value instanceof Uint8Array ? String.fromCharCode(...value) : value,
        );
        await new Promise((resolve) => {
          indexedDB.deleteDatabase('facenet-gallery:killed').onsuccess = resolve;
        });
        return { ...states, readable: people.split('Person ').length - 1 };
      }, what);
      const isAfter = state === 'after';
      const expected = { before: !isAfter, after: isAfter, readable: what === 'protect' && !isAfter ? 4 : 0 };
      expect([what, point, outcome]).toEqual([what, point, expected]);
    }
  }
});
