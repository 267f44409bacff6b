import { expect, test } from '../support/gallery.ts';

test('leaves all records unchanged when a write of a merge fails', async ({ galleryPage: page }) => {
  const result = await page.evaluate(async () => {
    const { facenet, face, rows, failPut } = tools;
    const gallery = await galleries.Gallery.open({ name: 'torn', facenet });
    const ada = await gallery.enrol({ name: 'Ada' }, face(1));
    const bob = await gallery.enrol({ name: 'Bob' }, face(2));
    if (!ada.enrolled || !bob.enrolled) throw new Error('not enrolled');
    const before = JSON.stringify(await rows('torn'));
    const outcomes = [];
    for (let failing = 0; failing < 3; failing++) {
      const repair = failPut(failing);
      outcomes.push(await codeOf(gallery.merge(ada.person.id, bob.person.id)));
      repair();
      outcomes.push(JSON.stringify(await rows('torn')) === before);
      outcomes.push((await gallery.list()).length);
    }
    await gallery.merge(ada.person.id, bob.person.id);
    return { outcomes, people: (await gallery.list()).length };
  });
  expect(result).toEqual({
    outcomes: Array(3).fill(['storage-unavailable', true, 2]).flat(),
    people: 1,
  });
});

test('leaves a gallery unchanged when a write of its encryption or of its new template key fails', async ({
  galleryPage: page,
}) => {
  const result = await page.evaluate(async () => {
    const { facenet, face, rows, failPut } = tools;
    const { Gallery } = galleries;
    const name = 'half';
    const templateKey = new Uint8Array(32).fill(1);
    const gallery = await Gallery.open({ name, facenet });
    for (const [i, person] of ['Ada', 'Bob'].entries()) {
      await gallery.enrol({ name: person }, face(i), { crop: new Blob([`the pixels of ${person}`]) });
    }
    const namesOf = async (open: Promise<import('../../lib/gallery/index.ts').Gallery>) => {
      const other = await open;
      const [ada] = await other.list();
      const crop = await other.crop(ada?.faces[0]?.id as string);
      const name = (await other.identify(face(1))).match?.person.name;
      await other.close();
      return [name, await crop?.text()];
    };
    const work = {
      protect: { run: () => gallery.protect('secret'), before: { name } },
      reissue: {
        run: () => gallery.reissue(templateKey),
        before: { name, passphrase: 'secret' },
      },
    };
    const outcomes: Record<string, unknown[]> = {};
    for (const [what, { run, before }] of Object.entries(work)) {
      // The call above has written a new database, which this one opens.
      await gallery.list();
      const recordsBefore = JSON.stringify(await rows(name));
      outcomes[what] = [];
      for (let failing = 0; ; failing++) {
        const repair = failPut(failing);
        const code = await codeOf(run());
        repair();
        if (code === 'no error') break;
        outcomes[what].push([
          code,
          JSON.stringify(await rows(name)) === recordsBefore,
          // Both the open gallery and one that is opened now work as before.
          (await gallery.identify(face(1))).match?.person.name,
          ...(await namesOf(Gallery.open(before))),
        ]);
      }
    }
    const after = await namesOf(Gallery.open({ name, templateKey, passphrase: 'secret' }));
    return { outcomes, after };
  });
  const unchanged = ['storage-unavailable', true, 'Bob', 'Bob', 'the pixels of Ada'];
  // Both write two people, two templates, two crops, the gallery's record and that it is settled to a new database, and then mark
  // the old one. After that the next opening repeats what failed.
  expect(result).toEqual({
    outcomes: { protect: Array(9).fill(unchanged), reissue: Array(9).fill(unchanged) },
    after: ['Bob', 'the pixels of Ada'],
  });
});
