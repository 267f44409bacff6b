import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import type { Consent } from '../../../lib/gallery/consent.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import { type ErasureReceipt, receiptDigest } from '../../../lib/gallery/receipt.ts';
import { expiryOf, isSightingDue } from '../../../lib/gallery/retention.ts';
import { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { Store } from '../../../lib/gallery/storage/store.ts';
import type { EnrolOptions, Person } from '../../../lib/gallery/types.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** The store of the galleries of a test that reopens one; undefined: each gallery has its own. */
let kept: Store | undefined;

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: () => Store }>();
  const open = () => ({ ...original.memoryStore(), close: () => {} });
  return { memoryStore: () => kept ?? open() };
});

const day = 86_400_000;
const start = new Date('2026-03-01T12:00:00Z');
const later = (milliseconds: number) => new Date(start.getTime() + milliseconds);
const consent: Consent = { purpose: 'door', text: 'I agree that …', version: '2', at: start, until: later(10 * day) };

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  kept = undefined;
});

const open = (options: Partial<GalleryOptions> = {}) =>
  Gallery.open({ name: 'test', storage: 'memory', facenet: { rule }, ...options });

/** Enrols people who differ, each with these options. */
async function enrolAll(gallery: Gallery, given: Record<string, EnrolOptions>) {
  const synthetic = new Synthetic();
  const people: Record<string, { person: Person; embedding: Float32Array }> = {};
  for (const [name, options] of Object.entries(given)) {
    const embedding = synthetic.person();
    const enrolment = await gallery.enrol({ name }, { embedding, model: rule.model }, options);
    if (!enrolment.enrolled) throw new Error('The person was not enrolled.');
    people[name] = { person: enrolment.person, embedding };
  }
  return people as Record<'Ada' | 'Bob' | 'Cleo', { person: Person; embedding: Float32Array }>;
}

const names = async (gallery: Gallery) => (await gallery.list()).map(({ name }) => name);

describe('consent', () => {
  test('is kept with the person, exported and imported', async () => {
    const gallery = await open();
    await enrolAll(gallery, { Ada: { consent, expiresAt: later(20 * day) }, Bob: {} });
    const copy = await open();
    await copy.import(await gallery.export());
    for (const each of [gallery, copy]) {
      const [ada, bob] = await each.list();
      expect(ada).toMatchObject({ consent, expiresAt: later(20 * day), lastSeenAt: undefined });
      expect(bob).toMatchObject({ consent: undefined, expiresAt: undefined });
    }
  });

  test('of a known person is replaced by a later enrolment and by retain(), and stays otherwise', async () => {
    const gallery = await open();
    const { Ada } = await enrolAll(gallery, { Ada: { consent } });
    const again = { embedding: Ada.embedding, model: rule.model };
    await gallery.enrol(Ada.person, again);
    expect((await gallery.list())[0]?.consent).toEqual(consent);
    await gallery.enrol(Ada.person, again, { consent: { ...consent, version: '3' } });
    expect((await gallery.list())[0]?.consent?.version).toBe('3');
    expect(await gallery.retain(Ada.person.id, { expiresAt: later(day) })).toMatchObject({
      consent: { version: '3' },
      expiresAt: later(day),
    });
  });

  test.each<[string, unknown]>([
    ['no object', 'yes'],
    ['no text', { ...consent, text: undefined }],
    ['a blank purpose', { ...consent, purpose: '  ' }],
    ['a purpose of 501 characters', { ...consent, purpose: 'x'.repeat(501) }],
    ['a text of 20,001 characters', { ...consent, text: 'x'.repeat(20_001) }],
    ['a version of 101 characters', { ...consent, version: 'x'.repeat(101) }],
    ['an invalid date', { ...consent, at: new Date('never') }],
    ['a date in the future', { ...consent, at: later(1) }],
    ['an end that has passed', { ...consent, until: start }],
    ['a date as text', { ...consent, at: '2026-01-01' }],
  ])('with %s is refused, and nobody is enrolled', async (_, given) => {
    const gallery = await open();
    expect(await errorCodeOf(enrolAll(gallery, { Ada: { consent: given as Consent } }))).toBe('option-invalid');
    expect(await gallery.list()).toEqual([]);
  });

  test('of the person who is kept by a merge stays, and the earlier expiry applies', async () => {
    const gallery = await open();
    const { Ada, Bob } = await enrolAll(gallery, {
      Ada: { expiresAt: later(9 * day) },
      Bob: { consent, expiresAt: later(3 * day) },
    });
    expect(await gallery.merge(Ada.person.id, Bob.person.id)).toMatchObject({ consent, expiresAt: later(3 * day) });
  });

  test('of a merge is the earliest end, also of the consent that is dropped', async () => {
    const gallery = await open();
    const { Ada, Bob, Cleo } = await enrolAll(gallery, {
      Ada: { consent: { ...consent, until: later(9 * day) }, expiresAt: later(8 * day) },
      Bob: { consent: { ...consent, version: '1', until: later(2 * day) }, expiresAt: later(3 * day) },
      Cleo: { consent: { ...consent, version: '1', until: later(4 * day) } },
    });
    expect(await gallery.merge(Ada.person.id, Cleo.person.id)).toMatchObject({
      consent: { version: '2', until: later(9 * day) },
      expiresAt: later(4 * day),
    });
    expect((await gallery.merge(Ada.person.id, Bob.person.id)).expiresAt).toEqual(later(2 * day));
  });

  test('that is the only one of a merge is kept, and adds no other end', async () => {
    const gallery = await open();
    const { Ada, Bob } = await enrolAll(gallery, { Ada: {}, Bob: { consent } });
    const merged = await gallery.merge(Ada.person.id, Bob.person.id);
    expect([merged.consent, merged.expiresAt]).toEqual([consent, undefined]);
  });
});

describe('expiry', () => {
  test('can be a Date of another realm, such as an iframe', async () => {
    const gallery = await open();
    // Vitest's fake timers replace Date in this realm only.
    const time = later(day).getTime();
    const foreign = runInNewContext(`new Date(${time})`) as Date;
    expect(foreign).not.toBeInstanceOf(Date);
    const { Ada } = await enrolAll(gallery, { Ada: { expiresAt: foreign } });
    expect(Ada.person.expiresAt).toEqual(new Date(time));
  });

  test('is the earliest of all ends', () => {
    const whole = fc.integer({ min: 0, max: 1000 });
    const time = fc.option(whole, { nil: undefined });
    const limit = fc.option(fc.record({ after: whole, from: whole }), { nil: undefined });
    fc.assert(
      fc.property(time, time, time, limit, (expiresAt, until, seen, unseen) => {
        const person = {
          ...{ id: 'x', name: 'x', metadata: {}, createdAt: new Date(5) },
          ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
          ...(until !== undefined && { consent: { ...consent, until: new Date(until) } }),
          ...(seen !== undefined && { lastSeenAt: new Date(seen) }),
        };
        const ends = [expiresAt, until, unseen && Math.max(seen ?? 5, unseen.from) + unseen.after];
        const sorted = ends.filter((end) => end !== undefined).sort((a, b) => a - b);
        expect(expiryOf(person, unseen)).toBe(sorted[0] ?? Number.POSITIVE_INFINITY);
      }),
    );
  });

  test('removes a person by timer, and reports the receipt', async () => {
    const receipts: ErasureReceipt[] = [];
    const gallery = await open({ onExpire: (each) => receipts.push(...each) });
    const { Ada } = await enrolAll(gallery, { Ada: { consent }, Bob: {} });
    await vi.advanceTimersByTimeAsync(10 * day - 1);
    expect(receipts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await vi.waitFor(() => expect(receipts).toHaveLength(1));
    expect(receipts[0]).toMatchObject({ reason: 'expired', people: [Ada.person.id], crops: 0 });
    expect(await names(gallery)).toEqual(['Bob']);
  });

  test('succeeds when onExpire throws, and the error is reported separately', async () => {
    const errors: unknown[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((call) => {
      try {
        call();
      } catch (error) {
        errors.push(error);
      }
    });
    const onExpire = () => {
      throw new Error('The page has changed.');
    };
    const gallery = await open({ onExpire });
    await enrolAll(gallery, { Ada: { expiresAt: later(day) }, Bob: {} });
    vi.setSystemTime(later(2 * day));
    expect(await gallery.expire()).toHaveLength(1);
    expect(await names(gallery)).toEqual(['Bob']);
    expect(errors).toEqual([new Error('The page has changed.')]);
  });

  test('beyond the longest delay of a timer is kept', async () => {
    const gallery = await open();
    await enrolAll(gallery, { Ada: { expiresAt: later(40 * day) } });
    await vi.advanceTimersByTimeAsync(39 * day);
    expect(await names(gallery)).toEqual(['Ada']);
    await vi.advanceTimersByTimeAsync(day);
    expect(await names(gallery)).toEqual([]);
  });

  test('is enforced before the next call if no timer ran, as after sleep', async () => {
    const gallery = await open();
    const { Ada } = await enrolAll(gallery, { Ada: { expiresAt: later(1000) }, Bob: {} });
    vi.setSystemTime(later(1000));
    expect((await gallery.identify(Ada.embedding)).match).toBeUndefined();
    expect(await names(gallery)).toEqual(['Bob']);
    expect(await errorCodeOf(gallery.rename(Ada.person.id, 'A'))).toBe('person-unknown');
  });

  test('is enforced when a locked gallery is unlocked', async () => {
    fastPassphrases();
    const gallery = await open({ passphrase: 'one' });
    await enrolAll(gallery, { Ada: { expiresAt: later(1000) }, Bob: {} });
    await gallery.lock();
    vi.setSystemTime(later(2000));
    await gallery.unlock('one');
    expect(await names(gallery)).toEqual(['Bob']);
  });

  test('of an import that has passed removes the person again', async () => {
    const gallery = await open();
    await enrolAll(gallery, { Ada: { expiresAt: later(1000) } });
    const file = await gallery.export();
    vi.setSystemTime(later(1000));
    const copy = await open();
    expect(await copy.import(file)).toEqual({ people: 1, faces: 1 });
    expect(await copy.list()).toEqual([]);
  });

  test('on request states what was removed', async () => {
    const gallery = await open();
    const { Ada } = await enrolAll(gallery, { Ada: {}, Bob: {} });
    expect(await gallery.expire()).toEqual([]);
    await gallery.retain(Ada.person.id, { expiresAt: later(1) });
    vi.setSystemTime(later(1));
    expect(await gallery.expire()).toMatchObject([{ reason: 'expired', people: [Ada.person.id] }]);
  });

  test('follows the last recognition with removeUnseenAfter', async () => {
    const gallery = await open({ removeUnseenAfter: 10 * day });
    const { Ada, Bob } = await enrolAll(gallery, { Ada: {}, Bob: {}, Cleo: {} });
    vi.setSystemTime(later(8 * day));
    await gallery.identify(Ada.embedding);
    await gallery.verify(Bob.person.id, Bob.embedding);
    expect((await gallery.list()).map(({ lastSeenAt }) => lastSeenAt)).toEqual([
      later(8 * day),
      later(8 * day),
      undefined,
    ]);
    vi.setSystemTime(later(11 * day));
    expect(await names(gallery)).toEqual(['Ada', 'Bob']);
    vi.setSystemTime(later(18 * day));
    expect(await names(gallery)).toEqual([]);
  });

  test('counts from the first opening with removeUnseenAfter, for people who were enrolled long before', async () => {
    kept = memoryStore();
    const without = await open();
    await enrolAll(without, { Ada: {}, Bob: {} });
    await without.close();
    vi.setSystemTime(later(365 * day));
    const first = await open({ removeUnseenAfter: 30 * day });
    expect(await names(first)).toEqual(['Ada', 'Bob']);
    await first.close();
    vi.setSystemTime(later(394 * day));
    const second = await open({ removeUnseenAfter: 30 * day });
    expect(await names(second)).toEqual(['Ada', 'Bob']);
    await vi.advanceTimersByTimeAsync(day - 1);
    expect(await names(second)).toEqual(['Ada', 'Bob']);
    await vi.advanceTimersByTimeAsync(1);
    expect(await names(second)).toEqual([]);
  });

  test('by removeUnseenAfter waits until the time from which it counts is stored', async () => {
    const store = memoryStore();
    kept = store;
    const without = await open();
    await enrolAll(without, { Ada: {} });
    await without.close();
    const { commit } = store;
    store.commit = async () => {
      throw new FaceNetError('storage-full', 'The disk is full.');
    };
    vi.setSystemTime(later(365 * day));
    const full = await open({ removeUnseenAfter: day });
    store.commit = commit;
    vi.setSystemTime(later(400 * day));
    expect(await full.expire()).toEqual([]);
    await full.close();
    const next = await open({ removeUnseenAfter: day });
    expect(await names(next)).toEqual(['Ada']);
    vi.setSystemTime(later(401 * day));
    expect(await names(next)).toEqual([]);
  });

  test('does not depend on recognitions, and keeps none, without removeUnseenAfter', async () => {
    const gallery = await open();
    const { Ada } = await enrolAll(gallery, { Ada: {} });
    vi.setSystemTime(later(900 * day));
    await gallery.identify(Ada.embedding);
    expect((await gallery.list())[0]?.lastSeenAt).toBeUndefined();
  });

  test('writes a sighting at most a hundred times per period', () => {
    const person = { id: 'x', name: 'x', metadata: {}, createdAt: start };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 300 }), (times) => {
        let seen = start;
        let writes = 0;
        for (const time of times.sort((a, b) => a - b)) {
          const at = later(time);
          if (!isSightingDue({ ...person, lastSeenAt: seen }, 1000, at.getTime())) continue;
          seen = at;
          writes++;
        }
        expect(writes).toBeLessThanOrEqual(100);
      }),
    );
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses removeUnseenAfter of %s', async (value) => {
    expect(await errorCodeOf(open({ removeUnseenAfter: value }))).toBe('option-invalid');
  });
});

describe('erasure receipt', () => {
  test('lists ids and counts of a person, of a template and of a gallery, with a digest', async () => {
    const gallery = await open();
    const crop = new Blob(['pixels'], { type: 'image/png' });
    const { Ada, Bob } = await enrolAll(gallery, { Ada: { crop }, Bob: { crop }, Cleo: {} });
    await gallery.enrol(Ada.person, { embedding: Ada.embedding, model: rule.model });
    const [ada, bob] = await gallery.list();
    const one = await gallery.remove(Ada.person.id, ada?.faces[1]?.id);
    const person = await gallery.remove(Bob.person.id);
    const whole = await gallery.erase();
    expect(one).toMatchObject({ reason: 'removed', people: [], faces: [ada?.faces[1]?.id], crops: 0 });
    expect(person).toMatchObject({ people: [bob?.id], faces: [bob?.faces[0]?.id], crops: 1 });
    expect(whole).toMatchObject({ reason: 'gallery-erased', crops: 1 });
    expect(whole.people).toHaveLength(2);
    for (const receipt of [one, person, whole]) {
      expect(receipt.erasedAt).toEqual(start);
      expect(receipt.digest).toBe(await receiptDigest(receipt));
      expect(await receiptDigest({ ...receipt, crops: 9 })).not.toBe(receipt.digest);
      expect(JSON.stringify(receipt)).not.toMatch(/"Ada"|"Bob"|"Cleo"/);
    }
  });
});
