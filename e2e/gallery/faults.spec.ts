import { expect, test } from '../support/gallery.ts';

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

const cases = [
  ...methods.map((method) => ({ method, log: false })),
  ...[...methods, ...loggedMethods].map((method) => ({ method, log: true })),
];

for (const { method, log } of cases) {
  const kind = log ? ' with a log' : '';
  test(`${method}() of a gallery${kind} changes everything or nothing when any request to IndexedDB fails`, async ({
    galleryPage: page,
  }) => {
    const { failures, problems } = await page.evaluate(
      async ({ method, log }) => {
        const { facenet, face } = tools;
        const { Gallery } = galleries;
        const name = 'faults';
        const { deriveBits } = crypto.subtle;
        crypto.subtle.deriveBits = (algorithm, ...rest) => {
          const fast = 'iterations' in Object(algorithm) ? { ...(algorithm as object), iterations: 1 } : algorithm;
          return deriveBits.call(crypto.subtle, fast as AlgorithmIdentifier, ...rest);
        };
        /** Fails the request of this number, counted from 0. */
        const faults = { at: Number.POSITIVE_INFINITY, count: 0 };
        const mayFail = () => {
          if (faults.count++ === faults.at) throw new DOMException('The disk is gone.', 'UnknownError');
        };
        const patch = (prototype: object, names: string[]) => {
          for (const name of names) {
            const original = Reflect.get(prototype, name) as (...given: unknown[]) => unknown;
            Reflect.set(prototype, name, function (this: unknown, ...given: unknown[]) {
              mayFail();
              return original.apply(this, given);
            });
          }
        };
        patch(IDBObjectStore.prototype, ['put', 'delete', 'clear', 'get', 'getKey', 'getAll', 'getAllKeys']);
        patch(IDBDatabase.prototype, ['transaction']);
        patch(IDBFactory.prototype, ['open', 'deleteDatabase', 'databases']);

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
        const problems: string[] = [];
        let failures = 0;
        for (let at = 0; ; at++) {
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
          Object.assign(faults, { at, count: 0 });
          const code = await codeOf(calls[method]());
          const reached = faults.count > at;
          faults.at = Number.POSITIVE_INFINITY;
          const here = await describe(gallery);
          await gallery.close();
          const databases = (await indexedDB.databases()).map(({ name }) => name);
          if (databases.length !== 1) problems.push(`${at}: ${code}: databases ${databases}`);
          const opened = await Gallery.open({ name, ...(code === 'no error' ? after : keys) });
          const stored = opened.locked ? 'locked' : await describe(opened);
          await opened.close();
          if (here !== stored) problems.push(`${at}: ${code}: here ${here}, stored ${stored}`);
          if (code !== 'no error' && (code !== 'storage-unavailable' || stored !== before)) {
            problems.push(`${at}: ${code}: ${stored}`);
          }
          await Gallery.erase(name);
          const left = (await indexedDB.databases()).map(({ name }) => name);
          if (left.length > 0) problems.push(`${at}: left ${left}`);
          if (!reached) break;
          if (code !== 'no error') failures++;
        }
        return { failures, problems };
      },
      { method, log },
    );
    expect(problems).toEqual([]);
    // Reads and writes of at least one transaction.
    expect(failures).toBeGreaterThan(3);
  });
}
