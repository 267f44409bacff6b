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
] as const;

for (const method of methods) {
  test(`${method}() changes everything or nothing when any request to IndexedDB fails`, async ({
    galleryPage: page,
  }) => {
    const { failures, problems } = await page.evaluate(async (method) => {
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
      patch(IDBObjectStore.prototype, ['put', 'delete', 'get', 'getAll', 'getAllKeys']);
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
      /** What a gallery contains, and whether it knows its people; or the code of its error. */
      const describe = async (gallery: import('../../lib/gallery/index.ts').Gallery) => {
        const people = [];
        for (const { name, faces } of await gallery.list()) {
          const crops = await Promise.all(faces.map(({ id }) => gallery.crop(id).then((crop) => crop?.text())));
          people.push(`${name} ${faces.map(({ model }) => model)} ${crops}`);
        }
        return people.sort().join('; ');
      };
      const problems: string[] = [];
      let failures = 0;
      for (let at = 0; ; at++) {
        const gallery = await Gallery.open({ name, facenet, ...keys });
        const ada = await gallery.enrol({ name: 'Ada' }, face(1), { crop: new Blob(['pixels of Ada']) });
        const bob = await gallery.enrol({ name: 'Bob' }, face(2));
        if (!ada.enrolled || !bob.enrolled) throw new Error('not enrolled');
        const other = { rule: { ...facenet.rule, model: 'other' }, embed: () => Promise.reject(new Error('no face')) };
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
        };
        const before = await describe(gallery);
        Object.assign(faults, { at, count: 0 });
        const code = await codeOf(calls[method]());
        const reached = faults.count > at;
        faults.at = Number.POSITIVE_INFINITY;
        const here = await describe(gallery);
        await gallery.close();
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
    }, method);
    expect(problems).toEqual([]);
    // Reads and writes of at least one transaction.
    expect(failures).toBeGreaterThan(3);
  });
}
