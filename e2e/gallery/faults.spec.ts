import { type Fault, installFaults } from '../support/database-faults.ts';
import { expect, test } from '../support/gallery.ts';
import { isLong, sampled } from '../support/sampling.ts';

const methods = [
  'enrol',
  'rename',
  'retain',
  'remove',
  'merge',
  'import',
  'reembed',
  'protect',
  'changePassphrase',
  'rekey',
  'reissue',
  'expire',
  'discardDamaged',
] as const;

/** Methods that change nothing but the log. */
const loggedMethods = ['identify', 'verify', 'export', 'exportPerson'] as const;

/** How each fault is called, which codes a call may end with, and how many of the requests fail outside of `test:long`. */
const faultCases: { fault: Fault; when: string; codes: string[]; count: number }[] = [
  {
    fault: 'exception',
    when: 'any request to IndexedDB fails',
    codes: ['storage-unavailable'],
    count: 8,
  },
  { fault: 'error event', when: 'a request reports an error later', codes: ['storage-unavailable'], count: 3 },
  {
    fault: 'aborted commit',
    when: 'a transaction is aborted at its commit',
    codes: ['storage-full', 'storage-unavailable'],
    count: 3,
  },
];

const cases = [
  // The log adds requests to those without one.
  ...methods.filter(() => isLong).map((method) => ({ method, log: false })),
  ...[...methods, ...loggedMethods].map((method) => ({ method, log: true })),
];

for (const { method, log } of cases) {
  const kind = log ? ' with a log' : '';
  test(`${method}() of a gallery${kind} changes everything or nothing when IndexedDB fails`, async ({
    galleryPage: page,
  }) => {
    await installFaults(page);
    /** Calls the method once for each number of a request that fails. */
    const failAt = ({ fault, codes }: (typeof faultCases)[number], points: number[]) =>
      page.evaluate(
        async ({ method, log, fault, codes, points }) => {
          const { facenet, face } = tools;
          const { Gallery } = galleries;
          const name = 'faults';
          const problems: string[] = [];
          const onRejection = ({ reason }: PromiseRejectionEvent) => problems.push(`unhandled: ${reason}`);
          addEventListener('unhandledrejection', onRejection);
          const source = await Gallery.open({ name: 'source', facenet, storage: 'memory' });
          await source.enrol({ name: 'Cleo' }, face(3), { crop: new Blob(['pixels of Cleo']) });
          const file = await source.export();
          const keys = method === 'protect' ? {} : { passphrase: 'one' };
          const after = {
            ...keys,
            ...(method === 'protect' && { passphrase: 'two' }),
            ...(['changePassphrase', 'rekey'].includes(method) && { passphrase: 'two' }),
            ...(method === 'reissue' && { templateKey: new Uint8Array(32).fill(1) }),
          };
          /** What a gallery contains: people, damaged records and the log. */
          const describe = async (gallery: import('../../lib/gallery/index.ts').Gallery) => {
            const people = [];
            for (const { name, faces } of await gallery.list()) {
              const crops = await Promise.all(faces.map(({ id }) => gallery.crop(id).then((crop) => crop?.text())));
              people.push(`${name} ${faces.map(({ model }) => model)} ${crops}`);
            }
            const damaged = (await gallery.damaged()).map(({ kind }) => kind);
            const events = (await gallery.log()).map(({ event }) => event);
            return [...people.sort(), damaged, events].join('; ');
          };
          /** Damages the crop of an enrolled face. */
          const damageCrop = async (id: string) => {
            const resultOf = <T>(request: IDBRequest<T>) =>
              new Promise<T>((resolve) => {
                request.onsuccess = () => resolve(request.result);
              });
            const db = await resultOf(indexedDB.open(`facenet-gallery:${name}`));
            const crops = db.transaction('crops', 'readwrite').objectStore('crops');
            const row = await resultOf(crops.get(id));
            await resultOf(crops.put({ ...row, body: { ...row.body, data: new Uint8Array(9) } }));
            db.close();
          };
          const realDate = Date;
          const laterDate = class extends realDate {
            constructor(...given: []) {
              super(...((given.length === 0 ? [laterDate.now()] : given) as []));
            }
            static override now = () => realDate.now() + 2 * 86_400_000;
          };
          let failures = 0;
          let count = 0;
          for (const at of points) {
            let gallery = await Gallery.open({ name, facenet, log, ...keys });
            const ada = await gallery.enrol({ name: 'Ada' }, face(1), { crop: new Blob(['pixels of Ada']) });
            const bob = await gallery.enrol({ name: 'Bob' }, face(2));
            if (!ada.enrolled || !bob.enrolled) throw new Error('not enrolled');
            if (method === 'expire') {
              await gallery.retain(ada.person.id, { expiresAt: new Date(Date.now() + 86_400_000) });
            }
            if (method === 'discardDamaged') {
              await gallery.close();
              await damageCrop(ada.face.id);
              gallery = await Gallery.open({ name, repair: true, ...keys });
            }
            const other = {
              rule: { ...facenet.rule, model: 'other' },
              embed: () => Promise.reject(new Error('no face')),
            };
            const calls = {
              enrol: () => gallery.enrol({ name: 'Cleo' }, face(3), { crop: new Blob(['pixels of Cleo']) }),
              rename: () => gallery.rename(ada.person.id, 'Ada L.'),
              retain: () => gallery.retain(ada.person.id, { expiresAt: new Date('2999-01-01') }),
              remove: () => gallery.remove(ada.person.id),
              merge: () => gallery.merge(ada.person.id, bob.person.id),
              import: () => gallery.import(file),
              reembed: () => gallery.reembed(other, { removeRest: true }),
              protect: () => gallery.protect('two'),
              changePassphrase: () => gallery.changePassphrase('one', 'two'),
              rekey: () => gallery.rekey('two'),
              reissue: () => gallery.reissue(new Uint8Array(32).fill(1)),
              expire: () => {
                // Only the clock is changed, so that no timer expires the person earlier.
                globalThis.Date = laterDate as DateConstructor;
                return gallery.expire().finally(() => {
                  globalThis.Date = realDate;
                });
              },
              discardDamaged: () => gallery.discardDamaged(),
              identify: () => gallery.identify(face(1)),
              verify: () => gallery.verify(ada.person.id, face(1)),
              export: () => gallery.export({ plain: true }),
              exportPerson: () => gallery.exportPerson(ada.person.id, { plain: true }),
            };
            const before = await describe(gallery);
            Object.assign(faults, { kind: fault, at, count: 0 });
            const code = await codeOf(calls[method]());
            const reached = faults.count > at;
            count = faults.count;
            faults.at = Number.POSITIVE_INFINITY;
            const here = await describe(gallery);
            await gallery.close();
            const databases = (await indexedDB.databases()).map(({ name }) => name);
            if (databases.length !== 1) problems.push(`${at}: ${code}: databases ${databases}`);
            const opened = await Gallery.open({ name, ...(code === 'no error' ? after : keys) });
            const stored = opened.locked ? 'locked' : await describe(opened);
            await opened.close();
            if (here !== stored) problems.push(`${at}: ${code}: here ${here}, stored ${stored}`);
            if (code !== 'no error' && (!codes.includes(code) || stored !== before)) {
              problems.push(`${at}: ${code}: ${stored}`);
            }
            await Gallery.erase(name);
            const left = (await indexedDB.databases()).map(({ name }) => name);
            if (left.length > 0) problems.push(`${at}: left ${left}`);
            if (reached && code !== 'no error') failures++;
          }
          removeEventListener('unhandledrejection', onRejection);
          return { failures, problems, count };
        },
        { method, log, fault, codes, points },
      );
    for (const each of faultCases) {
      await test.step(each.when, async () => {
        // Nothing fails.
        const complete = await failAt(each, [Number.MAX_SAFE_INTEGER]);
        expect([complete.problems, complete.failures]).toEqual([[], 0]);
        const points = sampled([...Array(complete.count).keys()], each.count);
        const { failures, problems } = await failAt(each, points);
        expect(problems).toEqual([]);
        // People are removed while the disk is full.
        const succeeds = each.fault === 'aborted commit' && ['remove', 'expire', 'reembed'].includes(method);
        // Reads and writes of at least one transaction.
        if (!succeeds) expect(failures).toBeGreaterThan(each.fault === 'exception' ? 3 : 0);
      });
    }
  });
}
