import { maxExportSize } from '../../lib/gallery/limits.ts';
import { expect, test } from '../support/gallery.ts';

/** The total size of the crops, in megabytes, and the passphrase. */
const cases = [
  { megabytes: 5, passphrase: undefined },
  { megabytes: 5, passphrase: 'sesame' },
  { megabytes: 50, passphrase: undefined, isLong: true },
  { megabytes: 20, passphrase: 'sesame' },
  { megabytes: 50, passphrase: 'sesame', isLong: true },
  { megabytes: 300, passphrase: undefined, isLong: true },
  // Base64 in base64: 16 / 9 of the crops, just below the largest file that an import reads.
  { megabytes: 269, passphrase: 'sesame', isLong: true },
];

test('the largest encrypted export that is restored is as large as an import accepts', () => {
  const largest = Math.max(...cases.map(({ megabytes, passphrase }) => (passphrase ? (megabytes * 16) / 9 : 0)));
  expect((largest * 1e6) / maxExportSize).toBeCloseTo(1, 2);
});

for (const { megabytes, passphrase, isLong = false } of cases) {
  const kind = passphrase === undefined ? 'a plain' : 'an encrypted';
  const tags = isLong ? { tag: '@long' } : {};
  test(`restores ${kind} export of ${megabytes} MB`, tags, async ({ galleryPage: page }) => {
    const result = await page.evaluate(
      async ({ megabytes, passphrase }) => {
        const { facenet, face } = tools;
        const { Gallery } = galleries;
        const keys = passphrase === undefined ? {} : { passphrase };
        const digestsOf = async (gallery: Awaited<ReturnType<typeof Gallery.open>>) => {
          const digests = [];
          for (const { name, faces } of await gallery.list()) {
            const crop = await gallery.crop(faces[0]?.id as string);
            const digest = await crypto.subtle.digest('SHA-256', (await crop?.arrayBuffer()) as ArrayBuffer);
            digests.push(`${name} ${crop?.size} ${new Uint8Array(digest)}`);
          }
          return digests;
        };
        const source = await Gallery.open({ name: 'source', facenet, ...keys });
        const people = Math.ceil(megabytes / 5);
        for (let i = 0; i < people; i++) {
          const pixels = new Uint32Array((megabytes * 1e6) / people / 4).map((_, j) => Math.imul(j + i, 2654435761));
          const crop = new Blob([pixels], { type: 'image/png' });
          await source.enrol({ name: `${i}` }, face(i), { crop, allow: ['other-person'] });
        }
        const before = await digestsOf(source);
        const file = await source.export(keys);
        await source.erase();
        const target = await Gallery.open({ name: 'target', facenet, ...keys });
        const added = await target.import(file, keys);
        const again = await target.import(file, keys);
        const after = await digestsOf(target);
        await target.erase();
        return { before, after, added, again, size: file.size };
      },
      { megabytes, passphrase },
    );
    const people = Math.ceil(megabytes / 5);
    expect(result.after).toEqual(result.before);
    expect(result.added).toEqual({ people, faces: people });
    expect(result.again).toEqual({ people: 0, faces: 0 });
    const encoded = passphrase === undefined ? 4 / 3 : 16 / 9;
    expect(result.size).toBeGreaterThan(megabytes * 1e6 * encoded * 0.999);
    expect(result.size).toBeLessThanOrEqual(maxExportSize);
  });
}
