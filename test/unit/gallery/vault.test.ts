import { describe, expect, test } from 'vitest';
import { changePassphrase, createVault, openVault, type VaultHeader } from '../../../lib/gallery/crypto/vault.ts';
import { errorCodeOf } from '../../support/error-code.ts';

describe('vault', () => {
  test('opens with any Unicode composition of the passphrase, and only with the same additional data', async () => {
    const { header, cipher } = await createVault('caf\u00e9');
    const sealed = await cipher.seal(new Uint8Array([1, 2, 3]), 'here');
    const opened = await openVault(header, 'cafe\u0301');
    expect([...(await opened.open(sealed, 'here'))]).toEqual([1, 2, 3]);
    expect(await errorCodeOf(opened.open(sealed, 'there'))).toBe('gallery-corrupt');
  });

  test('opens sealed records after a change of the passphrase', async () => {
    const { header, cipher } = await createVault('one');
    const sealed = await cipher.seal(new Uint8Array([7]), 'x');
    const changed = await changePassphrase(header, 'one', 'two');
    expect(changed.iterations).toBeGreaterThanOrEqual(600_000);
    expect(changed.salt).not.toEqual(header.salt);
    expect([...(await (await openVault(changed, 'two')).open(sealed, 'x'))]).toEqual([7]);
    expect(await errorCodeOf(openVault(changed, 'one'))).toBe('key-wrong');
  });

  test('throws gallery-version for a key derivation of a newer release', async () => {
    const { header } = await createVault('one');
    expect(await errorCodeOf(openVault({ ...header, kdf: 'argon2id' }, 'one'))).toBe('gallery-version');
    expect(await errorCodeOf(changePassphrase({ ...header, kdf: 'argon2id' }, 'one', 'two'))).toBe('gallery-version');
  });

  test('does not open without the name of its key derivation', async () => {
    const { header } = await createVault('one');
    const { kdf: _, ...unnamed } = header;
    expect(await errorCodeOf(openVault(unnamed, 'one'))).toBe('gallery-corrupt');
  });

  test('advises no repair of an export, nor of a gallery whose vault is damaged', async () => {
    const { header, cipher } = await createVault('one');
    const sealed = await cipher.seal(new Uint8Array([1]), 'here');
    const damaged = { ...header, iterations: header.iterations + 1 };
    const messageOf = (call: Promise<unknown>) => call.then(String, (error: Error) => error.message);
    for (const place of ['gallery', 'export'] as const) {
      const opened = await openVault(header, 'one', place);
      expect(await messageOf(openVault(damaged, 'one', place))).not.toContain('repair');
      expect((await messageOf(opened.open(sealed, 'there'))).includes('repair')).toBe(place === 'gallery');
    }
  });

  test('detects damage in every field of the header', async () => {
    const { header } = await createVault('one');
    const flip = (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
    const damaged: VaultHeader[] = [
      { ...header, iterations: header.iterations + 1 },
      { ...header, salt: flip(header.salt) },
      { ...header, check: flip(header.check) },
      { ...header, digest: flip(header.digest) },
      { ...header, dataKey: { ...header.dataKey, data: flip(header.dataKey.data) } },
    ];
    for (const each of damaged) expect(await errorCodeOf(openVault(each, 'one'))).toBe('gallery-corrupt');
  });
});
