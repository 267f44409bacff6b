import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LabelledEmbedding } from '../../../lib/comparison/compare.ts';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { version } from '../../../lib/core/version.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import { verifyLog } from '../../../lib/gallery/log.ts';
import { linesAbout } from '../../../lib/gallery/log-subject.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { LogRow, Store } from '../../../lib/gallery/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** The store of the galleries of a test, which stays when they are closed, as a database does. */
let store: Store | undefined;
/** What the store returns instead of its log. */
let altered: ((rows: LogRow[]) => LogRow[]) | undefined;
/** What appends to the log instead of the store. */
let appendLog: Store['appendLog'] | undefined;
/** Runs before each attempt to write all records with other keys. */
let beforeReplacing: () => Promise<unknown>;

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: typeof memoryStore }>();
  return {
    memoryStore: () => {
      store ??= { ...original.memoryStore(), close: () => {} };
      const kept = store;
      const logRows: Store['logRows'] = async (after) => (altered ?? ((rows) => rows))(await kept.logRows(after));
      const replace: Store['replace'] = async (...given) => {
        await beforeReplacing();
        return kept.replace(...given);
      };
      const append: Store['appendLog'] = (...given) => (appendLog ?? kept.appendLog)(...given);
      return { ...kept, logRows, replace, appendLog: append };
    },
  };
});

beforeEach(() => {
  fastPassphrases();
  beforeReplacing = async () => {};
});
afterEach(() => {
  vi.restoreAllMocks();
  store = undefined;
  altered = undefined;
  appendLog = undefined;
});

const open = (options: Partial<GalleryOptions> = {}) =>
  Gallery.open({ name: 'test', storage: 'memory', facenet: { rule }, log: true, ...options });
const synthetic = new Synthetic();

async function enrol(gallery: Gallery, name: string, embedding = synthetic.person()) {
  const crop = new Blob(['pixels'], { type: 'image/png' });
  const enrolment = await gallery.enrol({ name }, { embedding, model: rule.model }, { crop });
  if (!enrolment.enrolled) throw new Error('The person was not enrolled.');
  return { person: enrolment.person.id, template: enrolment.face.id, embedding };
}

const events = async (gallery: Gallery) => (await gallery.log()).map(({ event }) => event);

describe('the log', () => {
  test('records enrolments, recognitions, changes, exports and erasures with ids, model and release', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    const bob = await enrol(gallery, 'Bob');
    await gallery.identify(ada.embedding, { far: 1e-3 });
    await gallery.identify(synthetic.person(), { far: 1e-3 });
    await gallery.verify(bob.person, ada.embedding, { far: 1e-2 });
    await gallery.rename(ada.person, 'Ada L.');
    await gallery.export();
    const receipt = await gallery.remove(ada.person);
    const entries = await gallery.log();
    expect(entries.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(entries).toMatchObject([
      { event: 'log-started' },
      { event: 'enrolled', person: ada.person, face: ada.template },
      { event: 'enrolled', person: bob.person, face: bob.template },
      { event: 'identified', person: ada.person, face: ada.template, distance: 0, threshold: 0.3778, far: 1e-3 },
      { event: 'identified', threshold: 0.3778, far: 1e-3, faces: 2 },
      { event: 'verified', person: bob.person, face: bob.template, same: false, far: 1e-2 },
      { event: 'changed', change: 'renamed', people: [ada.person] },
      { event: 'exported', people: 2, faces: 2, encrypted: false },
      { event: 'erased', reason: 'removed', people: [ada.person], crops: 1, receipt: receipt.digest },
    ]);
    expect(entries[4]).not.toHaveProperty('face');
    for (const entry of entries)
      expect(entry).toMatchObject({ model: rule.model, release: version, at: expect.any(Date) });
  });

  test('records a refused enrolment that names another person, before the refusal is returned', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    const picture = [ada.embedding, synthetic.person()].map((embedding) => ({ embedding, model: rule.model }));
    const refused = await gallery.enrol({ name: 'x' }, picture);
    expect(refused).toMatchObject({ enrolled: false, reasons: [{ kind: 'several-faces' }, { kind: 'other-person' }] });
    const entry = (await gallery.log()).at(-1);
    expect(entry).toMatchObject({
      event: 'enrolment-refused',
      reasons: ['several-faces', 'other-person'],
      ...{ far: 1e-3, faces: 1 },
      other: { person: ada.person, face: ada.template, distance: 0, threshold: 0.3778 },
    });
    expect(entry).not.toHaveProperty('person');
    expect(entry).not.toHaveProperty('nearest');
  });

  test('records the verification of a face that is to be added to a person, refused or not', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    const [stranger, own] = [synthetic.person(), ada.embedding].map((embedding) => ({ embedding, model: rule.model }));
    const id = ada.person;
    const enrolments = [
      await gallery.enrol({ id }, stranger as LabelledEmbedding, { far: 1e-2 }),
      await gallery.enrol({ id }, [own, stranger] as LabelledEmbedding[]),
      await gallery.enrol({ id }, stranger as LabelledEmbedding, { allow: ['not-this-person'] }),
    ];
    const [refused, , allowed] = enrolments;
    const verdict = refused?.enrolled === false ? refused.reasons[0] : undefined;
    const { distance } = verdict as Extract<typeof verdict, { kind: 'not-this-person' }>;
    const face = ada.template;
    const log = await gallery.log();
    expect(log.slice(2)).toMatchObject([
      {
        ...{ event: 'enrolment-refused', person: id, reasons: ['not-this-person'], far: 1e-2 },
        nearest: { face, same: false, distance, threshold: 0.4225 },
      },
      {
        ...{ event: 'enrolment-refused', person: id, reasons: ['several-faces'], far: 1e-3 },
        nearest: { face, same: true, distance: 0 },
      },
      {
        ...{ event: 'enrolled', person: id, warnings: ['not-this-person'] },
        face: allowed?.enrolled ? allowed.face.id : '',
        nearest: { face, same: false, distance },
      },
    ]);
    for (const entry of log.slice(2)) expect(entry).not.toHaveProperty('other');
  });

  test('names the other person whom an enrolment was allowed to match', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    const face = { embedding: ada.embedding, model: rule.model };
    await gallery.enrol({ name: 'Twin' }, face, { allow: ['other-person'] });
    const other = { person: ada.person, face: ada.template };
    expect((await gallery.log()).at(-1)).toMatchObject({ event: 'enrolled', warnings: ['other-person'], other });
  });

  test('has no entry about an enrolment without a face: nothing was compared', async () => {
    const gallery = await open();
    await enrol(gallery, 'Ada');
    expect(await gallery.enrol({ name: 'x' }, [])).toMatchObject({ enrolled: false });
    expect(await events(gallery)).toEqual(['log-started', 'enrolled']);
  });

  test('starts with a refused enrolment too', async () => {
    const before = await open({ log: false });
    const { embedding } = await enrol(before, 'Ada');
    await before.close();
    const gallery = await open();
    await gallery.enrol({ name: 'x' }, { embedding, model: rule.model });
    expect(await events(gallery)).toEqual(['log-started', 'enrolment-refused']);
  });

  test('records that the embeddings were returned as examples', async () => {
    const gallery = await open();
    for (const name of ['Ada', 'Bob']) await enrol(gallery, name);
    expect(await gallery.examples()).toHaveLength(2);
    const entry = { event: 'exported', people: 2, faces: 2, encrypted: false, examples: true };
    expect((await gallery.log()).at(-1)).toMatchObject(entry);
  });

  test.each(['refused', 'examples'] as const)('keeps the answer back if its entry is not stored: %s', async (call) => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    const face = { embedding: ada.embedding, model: rule.model };
    const ask = (options = {}) =>
      call === 'refused' ? gallery.enrol({ name: 'x' }, face, options) : gallery.examples(options);
    appendLog = async () => {
      throw new FaceNetError('storage-full', 'The disk is full.');
    };
    expect(await errorCodeOf(ask())).toBe('storage-full');
    const controller = new AbortController();
    appendLog = async (_, __, options) => {
      controller.abort();
      options?.onCommit?.();
      return true;
    };
    await expect(ask({ signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    appendLog = undefined;
    expect(await events(gallery)).toEqual(['log-started', 'enrolled']);
  });

  test('holds no name, picture or embedding', async () => {
    const gallery = await open();
    const { person, embedding } = await enrol(gallery, 'Ada Lovelace');
    await gallery.identify(embedding);
    await gallery.rename(person, 'Augusta King');
    await gallery.remove(person);
    const text = await (await gallery.exportLog()).text();
    expect(text).not.toMatch(/Lovelace|Augusta|pixels|cGl4ZWxz/);
    const bytes = Buffer.from(embedding.buffer);
    expect(text).not.toContain(bytes.toString('base64').slice(0, 20));
    expect(text).not.toContain(String(embedding[0]).slice(0, 6));
  });

  test('is off by default, and once started it stays on without the option', async () => {
    const without = await open({ log: false });
    await enrol(without, 'Ada');
    expect(await without.log()).toEqual([]);
    await without.close();
    const started = await open();
    await enrol(started, 'Bob');
    await started.close();
    const reopened = await open({ log: false });
    await enrol(reopened, 'Cleo');
    expect(await events(reopened)).toEqual(['log-started', 'enrolled', 'enrolled']);
  });

  test('starts with an identification too', async () => {
    const gallery = await open();
    await gallery.identify(synthetic.person());
    expect(await events(gallery)).toEqual(['log-started', 'identified']);
  });

  test('is written by two tabs in turn without losing an entry', async () => {
    const [a, b] = [await open(), await open()];
    const ada = await enrol(a, 'Ada');
    await Promise.all([a, b, a, b, b, a].map((tab) => tab.identify(ada.embedding)));
    await Promise.all([a.rename(ada.person, 'A'), b.identify(ada.embedding)]);
    const entries = await b.log();
    expect(entries).toHaveLength(10);
    expect(entries.filter(({ event }) => event === 'identified')).toHaveLength(7);
  });

  test.each(['protect', 'rekey'] as const)(
    '%s() encrypts each entry once, however often another call adds one before the change is written',
    async (change) => {
      const [entries, attempts] = [500, 10];
      const gallery = await open(change === 'rekey' ? { passphrase: 'one' } : {});
      const { embedding } = await enrol(gallery, 'Ada');
      while ((await gallery.log()).length < entries) {
        await Promise.all(Array.from({ length: 100 }, () => gallery.identify(embedding)));
      }
      const { length } = await gallery.log();
      let left = attempts;
      const encrypt = vi.spyOn(crypto.subtle, 'encrypt');
      beforeReplacing = async () => left-- > 0 && gallery.identify(embedding);
      await gallery[change]('two');
      expect(left).toBe(-1);
      expect(encrypt.mock.calls.length).toBeLessThan(1.5 * length);
      const log = await gallery.log();
      expect(log).toHaveLength(length + attempts + 1);
      expect(log.at(-1)?.event).toBe('changed');
    },
  );

  test('exports lines whose hashes other tools can check', async () => {
    const gallery = await open();
    const { embedding } = await enrol(gallery, 'Ada');
    await gallery.identify(embedding);
    const file = await gallery.exportLog();
    let previous = '0'.repeat(64);
    for (const line of (await file.text()).trimEnd().split('\n')) {
      expect(JSON.parse(line).previous).toBe(previous);
      previous = createHash('sha256').update(line).digest('hex');
    }
    const { entries, hash } = await verifyLog(file);
    expect(hash).toBe(previous);
    expect(entries).toEqual(await gallery.log());
  });

  test('of one person is part of the export of the person', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    await enrol(gallery, 'Bob');
    await gallery.identify(ada.embedding);
    await gallery.identify(synthetic.person());
    const file = await gallery.exportPerson(ada.person);
    const { records } = JSON.parse(await file.text());
    expect(records.map((record: object) => Object.keys(record)[0])).toEqual([
      ...['gallery', 'person', 'template', 'log', 'log'],
    ]);
    expect(records[1].person.name).toBe('Ada');
    expect(records.slice(3)).toMatchObject([{ log: { event: 'enrolled' } }, { log: { event: 'identified' } }]);
    store = undefined;
    const copy = await open({ log: false });
    expect(await copy.import(file)).toEqual({ people: 1, faces: 1 });
    expect(await errorCodeOf(gallery.exportPerson('nobody'))).toBe('person-unknown');
  });

  test('in the export of a person tells of removed faces and of people who were merged into the person', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    const bob = await enrol(gallery, 'Bob');
    const second = await gallery.enrol({ id: ada.person }, { embedding: ada.embedding, model: rule.model });
    const third = second.enrolled ? second.face.id : '';
    const [adaAgain, adaOnceMore] = [await enrol(gallery, 'A.'), await enrol(gallery, 'A. L.')];
    await gallery.identify(adaOnceMore.embedding);
    await gallery.merge(adaAgain.person, adaOnceMore.person);
    await gallery.merge(ada.person, adaAgain.person);
    await gallery.remove(ada.person, third);
    await gallery.remove(ada.person, adaOnceMore.template);
    await gallery.rename(bob.person, 'Bob L.');
    const file = await gallery.exportPerson(ada.person);
    const { records } = JSON.parse(await file.text()) as { records: { log?: Record<string, unknown> }[] };
    const log = records.flatMap(({ log }) => (log ? [log] : []));
    expect(log).toMatchObject([
      { event: 'enrolled', face: ada.template },
      { event: 'enrolled', face: third },
      { event: 'enrolled', person: adaAgain.person },
      { event: 'enrolled', person: adaOnceMore.person },
      { event: 'identified', person: adaOnceMore.person },
      { event: 'changed', change: 'merged' },
      { event: 'changed', change: 'merged' },
      { event: 'erased', faces: [third] },
      { event: 'erased', faces: [adaOnceMore.template] },
    ]);
  });

  test('in the export of a person tells of refused enrolments that named the person', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    const bob = await enrol(gallery, 'Bob');
    const face = { embedding: ada.embedding, model: rule.model };
    const second = await gallery.enrol({ id: ada.person }, face);
    const removed = second.enrolled ? second.face.id : '';
    await gallery.enrol({ id: bob.person }, face);
    await gallery.enrol({ name: 'x' }, { embedding: bob.embedding, model: rule.model });
    await gallery.remove(ada.person, removed);
    const { records } = JSON.parse(await (await gallery.exportPerson(ada.person)).text());
    const log = records.flatMap(({ log }: { log?: object }) => (log ? [log] : []));
    expect(log).toMatchObject([
      { event: 'enrolled', face: ada.template },
      { event: 'enrolled', face: removed, nearest: { same: true } },
      { event: 'enrolment-refused', person: bob.person, other: { person: ada.person } },
      { event: 'erased', faces: [removed] },
    ]);
  });

  test('names the person whose imported face was removed', async () => {
    const source = await open();
    const ada = await enrol(source, 'Ada');
    const file = await source.export();
    store = undefined;
    const gallery = await open();
    await gallery.import(file);
    await gallery.remove(ada.person, ada.template);
    expect((await gallery.log()).at(-1)).toMatchObject({ event: 'erased', person: ada.person, people: [] });
  });

  test('tells who received which enrolled faces by an import, also in the export of a known person', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    const known = await gallery.export();
    const bob = await enrol(gallery, 'Bob');
    const file = JSON.parse(await (await gallery.export()).text());
    // A stranger's face, as one of Ada's.
    const stranger = { ...file.records.at(-1).template, id: crypto.randomUUID(), person: ada.person };
    file.records.push({ template: stranger });
    file.records[0].gallery.templates++;
    store = undefined;
    const other = await open();
    await other.import(known);
    await other.import(new Blob([JSON.stringify(file)]));
    const expected = {
      ...{ event: 'changed', change: 'imported', people: [bob.person, ada.person], faces: 2 },
      received: [
        { person: bob.person, faces: [bob.template] },
        { person: ada.person, faces: [stranger.id] },
      ],
    };
    expect((await other.log()).at(-1)).toMatchObject(expected);
    const logOf = async () => {
      const { records } = JSON.parse(await (await other.exportPerson(ada.person)).text());
      return records.flatMap(({ log }: { log?: object }) => (log ? [log] : []));
    };
    const first = { change: 'imported', received: [{ person: ada.person, faces: [ada.template] }] };
    expect(await logOf()).toMatchObject([first, expected]);
    // The entry of this removal names no person.
    const reembedder = { rule: { ...rule, model: 'newer' }, embed: () => Promise.reject(new Error('No crop opens.')) };
    vi.stubGlobal('createImageBitmap', () => Promise.reject(new DOMException('no picture', 'InvalidStateError')));
    // The first call that cannot decode a crop keeps its face.
    await other.reembed(reembedder);
    await other.reembed(reembedder, { removeRest: true });
    vi.unstubAllGlobals();
    expect(await logOf()).toMatchObject([first, expected, { event: 'exported' }, { event: 'erased' }]);
  });

  test('of an earlier build, whose imports do not name the enrolled faces, is part of the export of a person', () => {
    const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const entries = [ada, bob].map((id) => ({ event: 'changed', change: 'imported', people: [id], faces: 1 }));
    const lines = entries.map((entry) => new TextEncoder().encode(JSON.stringify(entry)));
    expect(linesAbout(lines, { people: [ada], faces: [] })).toEqual([entries[0]]);
  });
});

describe('a sealed log', () => {
  test('is unreadable without the passphrase, and readable after it changes', async () => {
    const gallery = await open({ passphrase: 'one' });
    const ada = await enrol(gallery, 'Ada');
    await gallery.changePassphrase('one', 'two');
    const rows = (await store?.logRows()) ?? [];
    expect(rows).toHaveLength(3);
    for (const { body } of rows) expect(new TextDecoder().decode(body.data)).not.toMatch(/event|enrolled/);
    await gallery.close();
    const reopened = await open({ passphrase: 'two' });
    await reopened.identify(ada.embedding);
    expect(await events(reopened)).toEqual(['log-started', 'enrolled', 'changed', 'identified']);
  });

  test('is sealed by protect(), with all earlier entries', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    await gallery.protect('one');
    for (const { body } of (await store?.logRows()) ?? []) {
      expect(new TextDecoder().decode(body.data)).not.toContain(ada.person);
    }
    expect(await events(gallery)).toEqual(['log-started', 'enrolled', 'changed']);
  });
});

describe('a broken chain is gallery-corrupt', () => {
  const damages: [string, (rows: LogRow[]) => LogRow[]][] = [
    ['a missing entry', (rows) => rows.filter(({ count }) => count !== 2)],
    ['a missing last entry', (rows) => rows.slice(0, -1)],
    ['swapped bodies', (rows) => [rows[0], { ...rows[1], body: rows[2]?.body }, ...rows.slice(2)] as LogRow[]],
    [
      'a changed distance',
      (rows) =>
        rows.map(({ count, body }) => {
          const line = new TextDecoder().decode(body.data).replace(/"distance":[^,]*/, '"distance":0.3');
          return { count, body: { ...body, data: new TextEncoder().encode(line) } };
        }),
    ],
  ];
  test.each(damages)('%s', async (_, damage) => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    await gallery.identify(ada.embedding);
    await gallery.identify(ada.embedding);
    await gallery.log();
    altered = damage;
    expect(await errorCodeOf(gallery.log())).toBe('gallery-corrupt');
    expect(await errorCodeOf(gallery.exportLog())).toBe('gallery-corrupt');
  });

  test('and open({ repair: true }) starts a new log, which says so', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    await gallery.identify(ada.embedding);
    altered = (rows) => rows.filter(({ count }) => count !== 2);
    const repaired = await open({ repair: true });
    expect(await repaired.log()).toMatchObject([{ number: 1, event: 'log-started', replaces: 'broken' }]);
    altered = undefined;
    await repaired.identify(ada.embedding);
    expect(await events(repaired)).toEqual(['log-started', 'identified']);
    expect((await repaired.list()).map(({ name }) => name)).toEqual(['Ada']);
  });

  test('at any changed byte of an export, but the last line break', async () => {
    const gallery = await open();
    const ada = await enrol(gallery, 'Ada');
    for (let i = 0; i < 3; i++) await gallery.identify(ada.embedding);
    const text = await (await gallery.exportLog()).text();
    const { hash } = await verifyLog(new Blob([text]));
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 2), fc.integer({ min: 0x20, max: 0x7e }), async (at, code) => {
        fc.pre(text.charCodeAt(at) !== code);
        const changed = `${text.slice(0, at)}${String.fromCharCode(code)}${text.slice(at + 1)}`;
        // A change of the last line leaves a valid chain with another end.
        const result = await verifyLog(new Blob([changed])).catch(({ code }) => code);
        expect(result === 'gallery-corrupt' || result.hash !== hash).toBe(true);
      }),
    );
  });
});
