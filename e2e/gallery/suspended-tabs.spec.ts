import type { Browser, Page } from 'playwright/test';
import { expect, openGallery, test } from '../support/gallery.ts';

type Globals = {
  gallery: import('../../lib/gallery/index.ts').Gallery;
};

/** The process of a page: the one whose processor time grows while the page computes. */
async function processOf(page: Page, browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const times = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await times();
  const grown = async () => {
    await page.evaluate(() => {
      for (const start = performance.now(); performance.now() - start < 200; );
    });
    const list = [...(await times())].map(([id, time]) => ({ id, seconds: time - (before.get(id) ?? 0) }));
    return list.sort((a, b) => b.seconds - a.seconds);
  };
  for (;;) {
    const [first, second] = await grown();
    if (first && first.seconds > 0.3 + 2 * (second?.seconds ?? 0)) return first.id;
  }
}

test('a page whose process is suspended is locked by the wall clock, and an erase in another tab reports it', async ({
  browser,
  context,
  galleryPage: page,
  server,
}) => {
  const suspended = await openGallery(await context.newPage(), server);
  const pid = await processOf(suspended, browser);
  const deadline = await suspended.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'asleep', facenet, passphrase: 'one', lockAfter: 2000 });
    const other = await galleries.Gallery.open({ name: 'kept', facenet, passphrase: 'one', lockAfter: 2000 });
    await other.enrol({ name: 'Ada' }, face(1));
    Object.assign(globalThis, { gallery, other });
    return Date.now() + 2000;
  });
  // As browsers suspend background tabs, and systems all processes.
  process.kill(pid, 'SIGSTOP');
  try {
    const outcome = await page.evaluate(() => {
      const abort = new AbortController();
      const options = { signal: abort.signal, onBlocked: () => abort.abort('blocked') };
      return galleries.Gallery.erase('asleep', options).then(
        () => 'erased',
        (reason: unknown) => String(reason),
      );
    });
    expect(outcome).toBe('blocked');
    await expect.poll(() => Date.now() > deadline).toBe(true);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const locked = () => (globalThis as unknown as Record<'other', Globals['gallery']>).other.locked;
  expect(await suspended.evaluate(locked)).toBe(true);
  // The page closes the database now, and the browser ends the erase.
  const names = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  await expect.poll(names).toEqual(['facenet-gallery:kept']);
  const after = await suspended.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    return [await codeOf(gallery.list()), await codeOf(gallery.unlock('one'))];
  });
  expect(after).toEqual(['disposed', 'disposed']);
});
