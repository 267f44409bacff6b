import { type Fault, installFaults } from '../support/database-faults.ts';
import { expect, test } from '../support/gallery.ts';
import { sampled } from '../support/sampling.ts';

/** How each fault is called, and how many of the requests fail outside of `test:long`. */
const faultCases: { fault: Fault; when: string; count: number }[] = [
  { fault: 'exception', when: 'a request to IndexedDB fails', count: 12 },
  { fault: 'error event', when: 'a request reports an error later', count: 8 },
  { fault: 'aborted commit', when: 'a transaction is aborted at its commit', count: 8 },
];

const allCases = (['repair', 'migration'] as const).flatMap((kind) => faultCases.map((each) => ({ ...each, kind })));

for (const { kind, fault, when, count } of allCases) {
  const titles = { repair: 'a repair at the opening', migration: 'a migration of version 1' };
  test(`${titles[kind]} changes everything or nothing when ${when}, and is repeated by the next one`, async ({
    galleryPage: page,
  }) => {
    await installFaults(page);
    /** Opens a gallery once for each number of a request that fails. */
    const failAt = (points: number[]) =>
      page.evaluate(
        async ({ kind, fault, points }) => {
          const { facenet, face } = tools;
          const { Gallery } = galleries;
          const name = 'faults';
          const keys = { passphrase: 'one' };
          const problems: string[] = [];
          const onRejection = ({ reason }: PromiseRejectionEvent) => problems.push(`unhandled: ${reason}`);
          addEventListener('unhandledrejection', onRejection);
          const resultOf = <T>(request: IDBRequest<T>) =>
            new Promise<T>((resolve, reject) => {
              request.onsuccess = () => resolve(request.result);
              request.onerror = () => reject(request.error);
            });
          const damaged = <Row extends { body: { data: Uint8Array } }>(row: Row): Row => ({
            ...row,
            body: { ...row.body, data: new Uint8Array(9) },
          });
          const first = await Gallery.open({ name, facenet, log: kind === 'repair', ...keys });
          await first.enrol({ name: 'Ada' }, face(1), { crop: new Blob(['pixels of Ada']) });
          await first.enrol({ name: 'Bob' }, face(2), { crop: new Blob(['pixels of Bob']) });
          await first.close();
          type Row = { id: string; body: { data: Uint8Array } };
          const rows = (await tools.rows(name)) as unknown as Record<string, Row[]>;
          await Gallery.erase(name);

          /** Stores the two people: with a damaged crop and a broken log, or as version 1 did. */
          const prepare = async () => {
            const version = kind === 'repair' ? 4 : 1;
            const opening = indexedDB.open(`facenet-gallery:${name}`, version);
            opening.onupgradeneeded = () => {
              const db = opening.result;
              db.createObjectStore('meta').put(rows.meta?.[0], 'gallery');
              const people = db.createObjectStore('people', { keyPath: 'id' });
              for (const row of rows.people ?? []) people.put(row);
              const templates = db.createObjectStore('templates', { keyPath: 'id' });
              const [crop, other] = rows.crops as [Row, Row];
              for (const row of rows.templates ?? []) {
                // In version 1 the record of a template contains its crop.
                const own = [crop, other].find(({ id }) => id === row.id)?.body;
                templates.put(kind === 'repair' ? row : { ...row, crop: own });
              }
              if (kind === 'migration') return;
              const crops = db.createObjectStore('crops', { keyPath: 'id' });
              for (const row of [damaged(crop), other]) crops.put(row);
              db.createObjectStore('settled').put(true, 'gallery');
              const log = db.createObjectStore('log');
              for (const [i, row] of (rows.log ?? []).entries()) {
                if (i < (rows.log?.length ?? 0) - 1) log.put(row, i + 1);
                else log.put(damaged(row), 'head');
              }
              db.createObjectStore('damaged', { keyPath: 'key' });
            };
            (await resultOf(opening)).close();
          };
          type Opened = Awaited<ReturnType<typeof Gallery.open>>;
          const describe = async (gallery: Opened) => {
            const people = [];
            for (const { name, faces } of await gallery.list()) {
              const crops = await Promise.all(faces.map(({ id }) => gallery.crop(id).then((crop) => crop?.text())));
              people.push(`${name} ${crops}`);
            }
            return [...people, ...(await gallery.damaged()).map(({ kind }) => kind)].join('; ');
          };
          const options = { name, ...keys, repair: kind === 'repair' };
          const outcomes: string[] = [];
          let count = 0;
          for (const at of points) {
            await prepare();
            Object.assign(faults, { kind: fault, at, count: 0 });
            const opening = Gallery.open(options);
            const code = await codeOf(opening);
            count = faults.count;
            faults.at = Number.POSITIVE_INFINITY;
            outcomes.push(code);
            const here = code === 'no error' ? await describe(await opening) : undefined;
            if (code === 'no error') await (await opening).close();
            const next = await Gallery.open(options);
            const stored = await describe(next);
            const events = (await next.log()).map(({ event }) => event).join();
            await next.close();
            const again = await Gallery.open({ name, ...keys });
            const after = await describe(again);
            await again.close();
            const expected = {
              repair: [`Ada ; Bob pixels of Bob; crop`, `Ada pixels of Ada; Bob ; crop`],
              migration: ['Ada pixels of Ada; Bob pixels of Bob'],
            }[kind];
            if (!expected.includes(stored)) problems.push(`${at}: ${code}: stored ${stored}`);
            if ((here ?? stored) !== stored || after !== stored) problems.push(`${at}: ${here}, ${stored}, ${after}`);
            if (events !== (kind === 'repair' ? 'log-started,set-aside' : '')) problems.push(`${at}: log ${events}`);
            await Gallery.erase(name);
            const left = (await indexedDB.databases()).map(({ name }) => name);
            if (left.length > 0) problems.push(`${at}: left ${left}`);
          }
          removeEventListener('unhandledrejection', onRejection);
          return { problems, outcomes, count };
        },
        { kind, fault, points },
      );
    // Nothing fails.
    const complete = await failAt([Number.MAX_SAFE_INTEGER]);
    expect(complete).toMatchObject({ problems: [], outcomes: ['no error'] });
    const { problems, outcomes } = await failAt(sampled([...Array(complete.count).keys()], count));
    expect(problems).toEqual([]);
    // An opening for repair does not depend on writing. A migration does.
    const codes = fault === 'aborted commit' && kind === 'repair' ? ['no error'] : ['no error', 'storage-unavailable'];
    expect(new Set([...outcomes, ...codes])).toEqual(new Set(codes));
    if (codes.length > 1) expect(outcomes).toContain('storage-unavailable');
  });
}
