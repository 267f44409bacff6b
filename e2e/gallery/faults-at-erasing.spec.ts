import { type Fault, installFaults } from '../support/database-faults.ts';
import { expect, test } from '../support/gallery.ts';
import { sampled } from '../support/sampling.ts';

/** How each fault is called, and which codes a call may end with besides `no error`. */
const faultCases: { fault: Fault; when: string; codes: string[] }[] = [
  { fault: 'exception', when: 'a request to IndexedDB fails', codes: ['storage-unavailable'] },
  { fault: 'error event', when: 'a request reports an error later', codes: ['storage-unavailable'] },
  {
    fault: 'aborted commit',
    when: 'a transaction is aborted at its commit',
    // The browser reports no reason if it cannot create the database.
    codes: ['storage-full', 'storage-unavailable'],
  },
];

/** The number of requests that fail outside of `test:long`, one in each call. */
const sampleSize = 12;

for (const { fault, when, codes } of faultCases) {
  test(`the creation of a gallery succeeds or is repeated by the next opening when ${when}`, async ({
    galleryPage: page,
  }) => {
    await installFaults(page);
    const failAt = (points: number[]) =>
      page.evaluate(
        async ({ fault, points }) => {
          const { facenet, face } = tools;
          const { Gallery } = galleries;
          const name = 'created';
          const problems: string[] = [];
          const outcomes: string[] = [];
          const onRejection = ({ reason }: PromiseRejectionEvent) => problems.push(`unhandled: ${reason}`);
          addEventListener('unhandledrejection', onRejection);
          let count = 0;
          for (const at of points) {
            const options = { name, facenet, log: true, passphrase: 'one' };
            Object.assign(faults, { kind: fault, at, count: 0 });
            const opening = Gallery.open(options);
            const code = await codeOf(opening);
            count = faults.count;
            faults.at = Number.POSITIVE_INFINITY;
            outcomes.push(code);
            if (code === 'no error') await (await opening).close();
            const next = await Gallery.open(options);
            await next.enrol({ name: 'Ada' }, face(1));
            await next.close();
            const again = await Gallery.open({ name, passphrase: 'one' });
            const people = (await again.list()).map(({ name }) => name).join();
            await again.close();
            if (people !== 'Ada') problems.push(`${at}: ${code}: ${people}`);
            await Gallery.erase(name);
            const left = (await indexedDB.databases()).map(({ name }) => name);
            if (left.length > 0) problems.push(`${at}: left ${left}`);
          }
          removeEventListener('unhandledrejection', onRejection);
          return { problems, outcomes, count };
        },
        { fault, points },
      );
    const complete = await failAt([Number.MAX_SAFE_INTEGER]);
    expect(complete).toMatchObject({ problems: [], outcomes: ['no error'] });
    const { problems, outcomes } = await failAt(sampled([...Array(complete.count).keys()], sampleSize));
    expect(problems).toEqual([]);
    expect(new Set([...outcomes, ...codes, 'no error'])).toEqual(new Set([...codes, 'no error']));
    expect(outcomes.some((code) => code !== 'no error')).toBe(true);
  });
}

// An erase writes nothing that could be aborted at its commit.
const erasures = (['gallery.erase()', 'Gallery.erase()'] as const).flatMap((method) =>
  faultCases.filter(({ fault }) => fault !== 'aborted commit').map((each) => ({ ...each, method })),
);

for (const { method, fault, when, codes } of erasures) {
  test(`${method} deletes everything or nothing when ${when}`, async ({ galleryPage: page }) => {
    await installFaults(page);
    const failAt = (points: number[]) =>
      page.evaluate(
        async ({ method, fault, points }) => {
          const { facenet, face } = tools;
          const { Gallery } = galleries;
          const name = 'erased';
          const problems: string[] = [];
          const outcomes: string[] = [];
          const onRejection = ({ reason }: PromiseRejectionEvent) => problems.push(`unhandled: ${reason}`);
          addEventListener('unhandledrejection', onRejection);
          const options = { name, facenet, log: true, passphrase: 'one' };
          let count = 0;
          for (const at of points) {
            const gallery = await Gallery.open(options);
            await gallery.enrol({ name: 'Ada' }, face(1), { crop: new Blob(['pixels of Ada']) });
            if (method === 'Gallery.erase()') await gallery.close();
            Object.assign(faults, { kind: fault, at, count: 0 });
            const code = await codeOf(method === 'Gallery.erase()' ? Gallery.erase(name) : gallery.erase());
            count = faults.count;
            faults.at = Number.POSITIVE_INFINITY;
            outcomes.push(code);
            const later = await codeOf(gallery.list());
            if (later !== 'disposed') problems.push(`${at}: ${code}: a later call ${later}`);
            const databases = (await indexedDB.databases()).map(({ name }) => name);
            if (code === 'no error' && databases.length > 0) problems.push(`${at}: not erased: ${databases}`);
            const next = await Gallery.open(options);
            const people = [];
            for (const { name, faces } of await next.list()) {
              const crops = await Promise.all(faces.map(({ id }) => next.crop(id).then((crop) => crop?.text())));
              people.push(`${name} ${crops}`);
            }
            await next.erase();
            // A request that reports an error has been executed.
            const expected = databases.length === 0 ? '' : 'Ada pixels of Ada';
            if (people.join() !== expected) problems.push(`${at}: ${code}: ${people} instead of ${expected}`);
            const left = (await indexedDB.databases()).map(({ name }) => name);
            if (left.length > 0) problems.push(`${at}: left ${left}`);
          }
          removeEventListener('unhandledrejection', onRejection);
          return { problems, outcomes, count };
        },
        { method, fault, points },
      );
    const complete = await failAt([Number.MAX_SAFE_INTEGER]);
    expect(complete).toMatchObject({ problems: [], outcomes: ['no error'] });
    const { problems, outcomes } = await failAt(sampled([...Array(complete.count).keys()], sampleSize));
    expect(problems).toEqual([]);
    expect(new Set([...outcomes, ...codes, 'no error'])).toEqual(new Set([...codes, 'no error']));
    expect(outcomes).toContain('storage-unavailable');
  });
}
