import { expect, openGallery, test } from '../support/gallery.ts';
import { isLong } from '../support/sampling.ts';

type Globals = { gallery: import('../../lib/gallery/index.ts').Gallery; template: string; person: string };

test('calls in a tab report the other key, and no damage, while another tab changes the keys', async ({
  galleryPage: page,
  context,
  server,
}) => {
  const other = await openGallery(await context.newPage(), server);
  const ids = await page.evaluate(async () => {
    const { facenet, face } = tools;
    const gallery = await galleries.Gallery.open({ name: 'rekeyed', facenet, passphrase: 'one', log: true });
    const ids = [];
    for (let i = 0; i < 5; i++) {
      const enrolment = await gallery.enrol({ name: `${i}` }, face(i), { crop: new Blob([`pixels of ${i}`]) });
      if (enrolment.enrolled) ids.push([enrolment.person.id, enrolment.face.id]);
    }
    Object.assign(globalThis, { gallery });
    return ids;
  });
  await other.evaluate(async ([person, template]) => {
    const gallery = await galleries.Gallery.open({ name: 'rekeyed', passphrase: 'one' });
    Object.assign(globalThis, { gallery, person, template, running: true });
  }, ids[0] as string[]);
  const calls = other.evaluate(async () => {
    const { gallery, person, template } = globalThis as unknown as Globals;
    const state = globalThis as unknown as { running: boolean };
    const outcomes: Record<string, number> = {};
    const count = async (call: Promise<unknown>) => {
      const code = await codeOf(call);
      outcomes[code] = (outcomes[code] ?? 0) + 1;
    };
    // Without a pause: the entries in the log must not keep the other tab from changing the keys.
    while (state.running) {
      await Promise.all([
        count(gallery.crop(template)),
        count(gallery.identify(tools.face(1))),
        count(gallery.verify(person, tools.face(1))),
        count(gallery.export({ plain: true })),
        count(gallery.log()),
        count(gallery.list()),
      ]);
      if (gallery.locked) await count(gallery.unlock('one'));
    }
    if (gallery.locked) await gallery.unlock('one');
    return { outcomes, log: (await gallery.log()).length, crop: await (await gallery.crop(template))?.text() };
  });
  await page.evaluate(async () => {
    const { gallery } = globalThis as unknown as Globals;
    for (let i = 0; i < 4; i++) await gallery.rekey('one');
  });
  await other.evaluate(() => Object.assign(globalThis, { running: false }));
  const { outcomes, log, crop } = await calls;
  expect(new Set([...Object.keys(outcomes), 'no error', 'gallery-locked'])).toEqual(
    new Set(['no error', 'gallery-locked']),
  );
  expect(log).toBeGreaterThan(10);
  expect(crop).toBe('pixels of 0');
});

test('calls during close() succeed or throw disposed', async ({ galleryPage: page }) => {
  const outcomes = await page.evaluate(
    async (steps) => {
      const { facenet, face } = tools;
      const options = { name: 'closed', facenet, log: true };
      const first = await galleries.Gallery.open(options);
      const enrolment = await first.enrol({ name: 'Ada' }, face(1), { crop: new Blob(['pixels']) });
      await first.close();
      if (!enrolment.enrolled) throw new Error('not enrolled');
      const [person, template] = [enrolment.person.id, enrolment.face.id];
      type Opened = Awaited<ReturnType<typeof galleries.Gallery.open>>;
      const calls: ((gallery: Opened) => Promise<unknown>)[] = [
        (gallery) => gallery.list(),
        (gallery) => gallery.models(),
        (gallery) => gallery.examples(),
        (gallery) => gallery.identify(face(1)),
        (gallery) => gallery.verify(person, face(1)),
        (gallery) => gallery.crop(template),
        (gallery) => gallery.export(),
        (gallery) => gallery.exportPerson(person),
        (gallery) => gallery.log(),
        (gallery) => gallery.exportLog(),
        (gallery) => gallery.damaged(),
        (gallery) => gallery.rename(person, 'Ada'),
        (gallery) => gallery.expire(),
      ];
      const outcomes = new Set<string>();
      for (const call of calls) {
        // Closes the gallery after each of the first microtasks of the call.
        for (let step = 0; step < steps; step++) {
          const gallery = await galleries.Gallery.open(options);
          const called = codeOf(call(gallery));
          for (let i = 0; i < step; i++) await undefined;
          await gallery.close();
          outcomes.add(await called);
        }
      }
      return [...outcomes].sort();
    },
    isLong ? 40 : 10,
  );
  expect(outcomes).toEqual(['disposed', 'no error']);
});

for (const what of ['changePassphrase', 'rekey', 'reissue'] as const) {
  test(`${what}() loses no entry that another tab adds to the log after the change was planned`, async ({
    galleryPage: page,
    context,
    server,
  }) => {
    const other = await openGallery(await context.newPage(), server);
    const keys = { passphrase: 'one' };
    await page.evaluate(async (keys) => {
      const { facenet, face } = tools;
      const gallery = await galleries.Gallery.open({ name: 'logged', facenet, log: true, ...keys });
      await gallery.enrol({ name: 'Ada' }, face(1));
      Object.assign(globalThis, { gallery });
    }, keys);
    await other.evaluate(async (keys) => {
      Object.assign(globalThis, { gallery: await galleries.Gallery.open({ name: 'logged', ...keys }) });
    }, keys);
    const identify = () =>
      other.evaluate(async () => void (await (globalThis as unknown as Globals).gallery.identify(tools.face(1))));
    await page.exposeFunction('identifyElsewhere', identify);
    const events = await page.evaluate(async (what) => {
      const { gallery } = globalThis as unknown as Globals;
      const { identifyElsewhere } = globalThis as unknown as { identifyElsewhere: () => Promise<void> };
      const { request } = navigator.locks;
      let isFirst = true;
      const delayed = async (...given: [string, LockOptions, LockGrantedCallback<unknown>]) => {
        const [name, { mode }] = given;
        if (isFirst && mode === 'exclusive' && name === 'facenet-gallery:logged') {
          isFirst = false;
          await identifyElsewhere();
        }
        return request.apply(navigator.locks, given);
      };
      Object.assign(navigator.locks, { request: delayed });
      const calls = {
        changePassphrase: () => gallery.changePassphrase('one', 'two'),
        rekey: () => gallery.rekey('two'),
        reissue: () => gallery.reissue(new Uint8Array(32).fill(1)),
      };
      await calls[what]();
      return [isFirst, ...(await gallery.log()).map(({ event }) => event)];
    }, what);
    expect(events).toEqual([false, 'log-started', 'enrolled', 'identified', 'changed']);
  });
}
