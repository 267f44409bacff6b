import { installFaults } from '../support/database-faults.ts';
import { expect, test } from '../support/gallery.ts';
import { isLong, sampled } from '../support/sampling.ts';

const methods = ['rekey', 'protect', 'changePassphrase', 'reissue'] as const;

for (const method of sampled(methods, 2)) {
  test(`a gallery whose disk becomes full within ${method}() opens, and people can be removed`, async ({
    galleryPage: page,
  }) => {
    await installFaults(page);
    /** Calls the method once for each number of the transaction from which on the disk is full. */
    const fillAt = (points: number[]) =>
      page.evaluate(
        async ({ method, points }) => {
          const { facenet, face } = tools;
          const { Gallery } = galleries;
          const name = 'filled';
          const problems: string[] = [];
          const onRejection = ({ reason }: PromiseRejectionEvent) => problems.push(`unhandled: ${reason}`);
          addEventListener('unhandledrejection', onRejection);
          const before = method === 'protect' ? {} : { passphrase: 'one' };
          const after = {
            ...before,
            ...(method !== 'reissue' && { passphrase: 'two' }),
            ...(method === 'reissue' && { templateKey: new Uint8Array(32).fill(1) }),
          };
          type Opened = Awaited<ReturnType<typeof Gallery.open>>;
          const describe = async (gallery: Opened) => {
            const people = [];
            for (const { name, faces } of await gallery.list()) {
              const crops = await Promise.all(faces.map(({ id }) => gallery.crop(id).then((crop) => crop?.text())));
              people.push(`${name} ${crops}`);
            }
            return people.join('; ');
          };
          const databases = async () => (await indexedDB.databases()).map(({ name }) => name).sort();
          const outcomes: string[] = [];
          let count = 0;
          /** How many times the gallery was open while its records were in the second database only. */
          let unfinished = 0;
          for (const at of points) {
            const check = (what: string, value: unknown, expected: unknown) => {
              const [got, wanted] = [JSON.stringify(value), JSON.stringify(expected)];
              if (got !== wanted) problems.push(`${at}: ${what}: ${got} instead of ${wanted}`);
            };
            const gallery = await Gallery.open({ name, facenet, log: true, ...before });
            const ids: string[] = [];
            for (const [i, name] of ['Ada', 'Bob', 'Cleo'].entries()) {
              const enrolment = await gallery.enrol({ name }, face(i), { crop: new Blob([`pixels of ${name}`]) });
              if (enrolment.enrolled) ids.push(enrolment.person.id);
            }
            const everybody = 'Ada pixels of Ada; Bob pixels of Bob; Cleo pixels of Cleo';
            Object.assign(faults, { kind: 'full disk', at, count: 0 });
            const calls = {
              protect: () => gallery.protect('two'),
              changePassphrase: () => gallery.changePassphrase('one', 'two'),
              rekey: () => gallery.rekey('two'),
              reissue: () => gallery.reissue(new Uint8Array(32).fill(1)),
            };
            const code = await codeOf(calls[method]());
            count = faults.count;
            outcomes.push(code);
            const keys = code === 'no error' ? after : before;
            check('here', await describe(gallery), everybody);
            // The disk stays full: the gallery opens in a second connection, and both remove.
            faults.at = Math.min(at, 0);
            if (at === Number.MAX_SAFE_INTEGER) faults.at = at;
            const opened = await Gallery.open({ name, ...keys });
            if ((await databases()).includes(`facenet-gallery-replacement:${name}`)) unfinished++;
            check('opened', await describe(opened), everybody);
            check('removal', await codeOf(opened.remove(ids[0] as string)), 'no error');
            check('seen', await describe(gallery), 'Bob pixels of Bob; Cleo pixels of Cleo');
            check('other removal', await codeOf(gallery.remove(ids[1] as string)), 'no error');
            check('left', await describe(opened), 'Cleo pixels of Cleo');
            check('events', (await opened.log()).filter(({ event }) => event === 'erased').length, 2);
            await gallery.close();
            await opened.close();
            const repaired = await Gallery.open({ name, repair: true, ...keys });
            check('repaired', [await describe(repaired), await repaired.damaged()], ['Cleo pixels of Cleo', []]);
            await repaired.close();
            // There is space again: the next opening completes the change.
            faults.at = Number.POSITIVE_INFINITY;
            const next = await Gallery.open({ name, ...keys });
            check('next', await describe(next), 'Cleo pixels of Cleo');
            check('databases', await databases(), [`facenet-gallery:${name}`]);
            await next.rename(ids[2] as string, 'C');
            check('waiting', localStorage.length, 0);
            const events = (await next.log()).map(({ event }) => event).join();
            if (!events.includes('erased,erased,changed')) problems.push(`${at}: events ${events}`);
            await next.close();
            await Gallery.erase(name);
            check('erased', await databases(), []);
          }
          removeEventListener('unhandledrejection', onRejection);
          return { problems, outcomes, count, unfinished };
        },
        { method, points },
      );
    const complete = await fillAt([Number.MAX_SAFE_INTEGER]);
    expect(complete).toMatchObject({ problems: [], outcomes: ['no error'], unfinished: 0 });
    const { problems, outcomes, unfinished } = await fillAt(sampled([...Array(complete.count).keys()], 12));
    expect(problems).toEqual([]);
    expect(new Set(outcomes)).toEqual(new Set(['storage-full', 'storage-unavailable', 'no error']));
    expect(unfinished).toBeGreaterThan(isLong ? 1 : 0);
  });
}
