import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChangeFollower } from '../../../lib/gallery/change-follower.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import type * as indexedDB from '../../../lib/gallery/storage/indexeddb.ts';
import type { Store } from '../../../lib/gallery/storage/store.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** The store of all tabs, and the number of times that it was read. */
const shared = vi.hoisted(() => ({ store: undefined as Store | undefined, reads: 0 }));

// Node has no IndexedDB, so the tabs share a store in memory. It has BroadcastChannel, by which tabs tell each other of changes.
vi.mock('../../../lib/gallery/storage/indexeddb.ts', async (importOriginal) => {
  const { memoryStore } = await import('../../../lib/gallery/storage/memory.ts');
  const open = async () => {
    shared.store ??= memoryStore();
    const { store } = shared;
    const read: Store['read'] = () => {
      shared.reads++;
      return store.read();
    };
    return { ...store, close: () => {}, read };
  };
  return { ...(await importOriginal<typeof indexedDB>()), indexedDBStore: open };
});

beforeEach(fastPassphrases);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  Object.assign(shared, { store: undefined, reads: 0 });
});

const open = (options: Partial<GalleryOptions> = {}) =>
  Gallery.open({ name: 'changes-of-other-tabs', facenet: { rule }, ...options });

async function enrol(gallery: Gallery): Promise<string> {
  const enrolment = await gallery.enrol({ name: 'Ada' }, { embedding: new Synthetic().person(), model: rule.model });
  if (!enrolment.enrolled) throw new Error('The person was not enrolled.');
  return enrolment.person.id;
}

test('an idle tab without onChange drops what it has decrypted when another tab encrypts the gallery', async () => {
  await using first = await open();
  await enrol(first);
  await using second = await open({ lockAfter: 60_000 });
  await second.list();
  await first.protect('passphrase');
  await vi.waitFor(() => expect(second.locked).toBe(true));
});

test('onChange is called when the tab is locked because another tab has replaced the data key', async () => {
  await using first = await open({ passphrase: 'one' });
  const locked: boolean[] = [];
  await using second = await open({ passphrase: 'one', onChange: () => locked.push(second.locked) });
  await second.list();
  await first.rekey('two');
  await vi.waitFor(() => expect(locked).toEqual([true]));
});

test('an idle tab removes a person at a time that another tab has set before it was closed', async () => {
  const first = await open();
  const id = await enrol(first);
  const expired = vi.fn();
  await using second = await open({ onExpire: expired });
  await second.list();
  await first.retain(id, { expiresAt: new Date(Date.now() + 200) });
  await first.close();
  await vi.waitFor(() => expect(expired).toHaveBeenCalled(), { timeout: 5000 });
  expect((await shared.store?.read())?.people).toEqual([]);
});

test('the changes of one tab do not keep another one unlocked', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'performance'] });
  await using first = await open({ passphrase: 'one' });
  const id = await enrol(first);
  await using second = await open({ passphrase: 'one', lockAfter: 60_000 });
  await second.list();
  vi.advanceTimersByTime(50_000);
  const { reads } = shared;
  await first.rename(id, 'Ada L.');
  await vi.waitFor(() => expect(shared.reads).toBeGreaterThan(reads));
  expect(second.locked).toBe(false);
  vi.advanceTimersByTime(10_001);
  expect(second.locked).toBe(true);
});

test('a locked tab and a closed one read nothing', async () => {
  const changes = vi.fn();
  await using first = await open({ passphrase: 'one' });
  const id = await enrol(first);
  const closed = await open({ passphrase: 'one', onChange: changes });
  await closed.close();
  await using locked = await open({ onChange: changes });
  const { reads } = shared;
  await first.rename(id, 'Ada L.');
  await vi.waitFor(() => expect(changes).toHaveBeenCalledTimes(1));
  expect([locked.locked, shared.reads]).toEqual([true, reads]);
});

test('onChange is called too if the gallery cannot be read any more', async () => {
  await using first = await open();
  const id = await enrol(first);
  const changes = vi.fn();
  await using second = await open({ onChange: changes });
  const [template] = (await (shared.store as Store).read()).templates;
  template?.body.data.fill(0);
  await first.rename(id, 'Ada L.');
  await vi.waitFor(() => expect(changes).toHaveBeenCalled());
  await expect(second.list()).rejects.toMatchObject({ code: 'gallery-corrupt' });
});

describe('ChangeFollower', () => {
  test('resolves after a second although the read waits, and does not reject if it fails', async () => {
    vi.useFakeTimers();
    let fail = () => {};
    const follower = new ChangeFollower(() => new Promise((_, reject) => (fail = () => reject(new Error('failed')))));
    const following = follower.follow();
    await vi.advanceTimersByTimeAsync(1000);
    await following;
    const [waiting, failed] = [follower.follow(), fail];
    failed();
    await vi.advanceTimersByTimeAsync(0);
    fail();
    await waiting;
  });

  test('reads nothing after it was stopped, also for a change that waits', async () => {
    let end = () => {};
    let reads = 0;
    const follower = new ChangeFollower(() => {
      reads++;
      return new Promise<void>((resolve) => (end = resolve));
    });
    const [running, waiting] = [follower.follow(), follower.follow()];
    await Promise.resolve();
    follower.stop();
    end();
    await Promise.all([running, waiting, follower.follow()]);
    expect(reads).toBe(1);
  });
});
