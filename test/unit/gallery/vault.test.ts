import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { KeyDerivation } from '../../../lib/gallery/crypto/key-derivation.ts';
import {
  changePassphrase,
  createVault,
  openVault,
  type VaultFields,
  type VaultHeader,
} from '../../../lib/gallery/crypto/vault.ts';
import { readTransfer } from '../../../lib/gallery/transfer.ts';
import { vaultPart } from '../../../lib/gallery/transfer-format.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastArgon2id } from '../../support/fast-passphrases.ts';

fastArgon2id();

const flip = (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
const derivationOf = ({ salt: _, check: __, dataKey: ___, digest: ____, ...derivation }: VaultHeader) => derivation;
/** The digest of docs/gallery-format.md, as somebody can write it who alters a vault. */
async function withDigest(text: string, header: KeyDerivation & VaultFields): Promise<VaultHeader> {
  const { salt, check, dataKey } = header;
  const parts = [new TextEncoder().encode(text), salt, check, dataKey.iv, dataKey.data];
  const bytes = await new Blob(parts).arrayBuffer();
  return { ...header, digest: new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) };
}

/** A page whose policy forbids WebAssembly. */
function forbidWasm(): void {
  const forbidden = () => Promise.reject(new WebAssembly.CompileError('The policy forbids it.'));
  vi.spyOn(WebAssembly, 'compile').mockImplementation(forbidden);
  vi.spyOn(WebAssembly, 'instantiate').mockImplementation(forbidden);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A vault for the tests that only read one. */
const { header, cipher } = await createVault('one');
if (!('memory' in header)) throw new Error('The key is not derived by Argon2id.');

const argon2id = { kdf: 'argon2id', memory: 47_104, passes: 1, lanes: 1 };
const pbkdf2 = { kdf: 'pbkdf2-sha256', iterations: 600_000 };

describe('vault', () => {
  test('opens with any Unicode composition of the passphrase, and only with the same additional data', async () => {
    const { header, cipher } = await createVault('caf\u00e9');
    const sealed = await cipher.seal(new Uint8Array([1, 2, 3]), 'here');
    const opened = await openVault(header, 'cafe\u0301');
    expect([...(await opened.open(sealed, 'here'))]).toEqual([1, 2, 3]);
    expect(await errorCodeOf(opened.open(sealed, 'there'))).toBe('gallery-corrupt');
  });

  test('opens sealed records after a change of the passphrase', async () => {
    const sealed = await cipher.seal(new Uint8Array([7]), 'x');
    const changed = await changePassphrase(header, 'one', 'two');
    expect(derivationOf(changed)).toEqual(argon2id);
    expect(changed.salt).not.toEqual(header.salt);
    expect([...(await (await openVault(changed, 'two')).open(sealed, 'x'))]).toEqual([7]);
    expect(await errorCodeOf(openVault(changed, 'one'))).toBe('key-wrong');
  });

  test('throws gallery-version for a key derivation of a newer release', async () => {
    const { salt, check, dataKey, digest } = header;
    const newer = { kdf: 'argon3', salt, check, dataKey, digest };
    expect(await errorCodeOf(openVault(newer, 'one'))).toBe('gallery-version');
    expect(await errorCodeOf(changePassphrase(newer, 'one', 'two'))).toBe('gallery-version');
  });

  test('does not open without the name of its key derivation', async () => {
    forbidWasm();
    const named = (await createVault('one')).header;
    if (!('iterations' in named)) throw new Error('The key is not derived by PBKDF2.');
    const { kdf: _, ...unnamed } = named;
    expect(await errorCodeOf(openVault(unnamed, 'one'))).toBe('gallery-corrupt');
    // Its key is right, but not its additional data.
    expect(await errorCodeOf(openVault(await withDigest('600000 ', unnamed), 'one'))).toBe('gallery-corrupt');
  });

  test('advises no repair of an export, nor of a gallery whose vault is damaged', async () => {
    const sealed = await cipher.seal(new Uint8Array([1]), 'here');
    const damaged = { ...header, salt: flip(header.salt) };
    const messageOf = (call: Promise<unknown>) => call.then(String, (error: Error) => error.message);
    for (const place of ['gallery', 'export'] as const) {
      const opened = await openVault(header, 'one', place);
      expect(await messageOf(openVault(damaged, 'one', place))).not.toContain('repair');
      expect((await messageOf(opened.open(sealed, 'there'))).includes('repair')).toBe(place === 'gallery');
    }
  });

  test('detects damage in every field of the header', async () => {
    const damaged: VaultHeader[] = [
      { ...header, memory: header.memory + 1 },
      { ...header, passes: header.passes + 1 },
      { ...header, lanes: header.lanes + 1 },
      { ...header, salt: flip(header.salt) },
      { ...header, check: flip(header.check) },
      { ...header, digest: flip(header.digest) },
      { ...header, dataKey: { ...header.dataKey, data: flip(header.dataKey.data) } },
    ];
    for (const each of damaged) expect(await errorCodeOf(openVault(each, 'one'))).toBe('gallery-corrupt');
  });

  test('does not open with other parameters of Argon2id, or as PBKDF2, and their digest', async () => {
    const { memory: _, passes: __, lanes: ___, ...rest } = header;
    const altered = [
      await withDigest('argon2id 19456 1 1 ', { ...header, memory: 19_456 }),
      await withDigest('argon2id 47104 2 1 ', { ...header, passes: 2 }),
      await withDigest('argon2id 47104 1 2 ', { ...header, lanes: 2 }),
      await withDigest('pbkdf2-sha256 600000 ', { ...rest, kdf: 'pbkdf2-sha256', iterations: 600_000 }),
    ];
    for (const each of altered) expect(await errorCodeOf(openVault(each, 'one'))).toBe('key-wrong');
    // The same digest proves that it is written as documented.
    expect((await withDigest('argon2id 47104 1 1 ', header)).digest).toEqual(header.digest);
  });

  test('the additional data of the data key names the parameters', async () => {
    const encrypt = vi.spyOn(crypto.subtle, 'encrypt');
    await createVault('one');
    const [[algorithm] = []] = encrypt.mock.calls;
    const { additionalData } = algorithm as AesGcmParams;
    expect(new TextDecoder().decode(additionalData)).toBe('data key argon2id 47104 1 1');
  });
});

describe('the schema of a vault', () => {
  const bytes = (length: number) => btoa('\0'.repeat(length));
  const fields = { salt: bytes(16), check: bytes(16), digest: bytes(32), dataKey: { iv: bytes(12), data: bytes(48) } };
  const accepts = (vault: object) => v.is(vaultPart, { ...fields, ...vault });

  test.each([
    ['memory', 19_456, 1_048_576],
    ['passes', 1, 20],
    ['lanes', 1, 4],
  ])('limits %s to %i to %i', (name, min, max) => {
    for (const value of [min, max]) expect(accepts({ ...argon2id, [name]: value })).toBe(true);
    for (const value of [min - 1, max + 1, min + 0.5, `${min}`, undefined]) {
      expect(accepts({ ...argon2id, [name]: value })).toBe(false);
    }
  });

  test('limits the memory of all passes', () => {
    expect(accepts({ ...argon2id, memory: 1 << 20, passes: 4 })).toBe(true);
    expect(accepts({ ...argon2id, memory: 1 << 20, passes: 5 })).toBe(false);
  });

  test('limits the iterations of PBKDF2, named or not, and takes no parameters of another key derivation', () => {
    for (const kdf of [{}, { kdf: 'pbkdf2-sha256' }]) {
      for (const iterations of [600_000, 10_000_000]) expect(accepts({ ...kdf, iterations })).toBe(true);
      for (const iterations of [599_999, 10_000_001]) expect(accepts({ ...kdf, iterations })).toBe(false);
      expect(accepts({ ...argon2id, kdf: 'pbkdf2-sha256' })).toBe(false);
    }
    expect(accepts({ ...pbkdf2, kdf: 'argon2id' })).toBe(false);
    expect(accepts({ ...argon2id, salt: bytes(15) })).toBe(false);
  });

  test('keeps what a newer release stores', () => {
    const newer = { ...fields, kdf: 'argon3', rounds: 7 };
    expect(v.parse(vaultPart, newer)).toMatchObject({ kdf: 'argon3', rounds: 7 });
    expect(accepts({ ...newer, kdf: '' })).toBe(false);
  });
});

describe('a page that forbids WebAssembly', () => {
  test('creates vaults by PBKDF2, and opens them', async () => {
    forbidWasm();
    const created = await createVault('one');
    expect(derivationOf(created.header)).toEqual(pbkdf2);
    const sealed = await created.cipher.seal(new Uint8Array([7]), 'x');
    const changed = await changePassphrase(created.header, 'one', 'two');
    vi.restoreAllMocks();
    expect([...(await (await openVault(changed, 'two')).open(sealed, 'x'))]).toEqual([7]);
    expect(derivationOf(await changePassphrase(changed, 'two', 'three'))).toEqual(argon2id);
  });

  test('names the directive when it opens a vault of Argon2id', async () => {
    forbidWasm();
    await expect(openVault(header, 'one')).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: expect.stringContaining("'wasm-unsafe-eval'"),
    });
  });
});

test('a service worker, which cannot import scripts, creates vaults by PBKDF2', async () => {
  vi.stubGlobal('ServiceWorkerGlobalScope', class {});
  expect(derivationOf((await createVault('one')).header)).toEqual(pbkdf2);
});

test('opens an export whose key PBKDF2 derived', async () => {
  const file = new Blob([readFileSync(new URL('../../fixtures/pbkdf2/encrypted.json', import.meta.url))]);
  expect(await errorCodeOf(readTransfer(file, 'other'))).toBe('key-wrong');
  const { people, templates, crops } = await readTransfer(file, 'pbkdf2-sha256');
  expect(people.map(({ name, metadata }) => [name, metadata])).toEqual([['Ada', { secret: 'sesame' }]]);
  expect([templates.length, new TextDecoder().decode(crops[0]?.crop.data)]).toEqual([1, 'pixels']);
});
