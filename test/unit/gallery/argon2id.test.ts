import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { deriveArgon2id } from '../../../lib/gallery/crypto/argon2id.ts';
import { deriveBits } from '../../../lib/gallery/crypto/key-derivation.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const derive = async (password: string, salt: string, ...[passes, memory, lanes]: [number, number, number]) => {
  const [secret, bytes] = [password, salt].map((text) => new TextEncoder().encode(text));
  const derived = await deriveArgon2id(secret as Uint8Array<ArrayBuffer>, bytes as Uint8Array<ArrayBuffer>, {
    memory,
    passes,
    lanes,
  });
  return Buffer.from(derived).toString('hex');
};

describe('deriveArgon2id()', () => {
  // The vectors of the reference implementation, src/test.c of P-H-C/phc-winner-argon2 20190702: "Argon2id test vectors,
  // version 0x13". That of RFC 9106 has associated data, which hash-wasm does not take.
  test.each([
    [2, 65_536, 1, 'password', 'somesalt', '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7'],
    [2, 256, 1, 'password', 'somesalt', '9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe'],
    [2, 256, 2, 'password', 'somesalt', '6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037'],
    [4, 65_536, 1, 'password', 'somesalt', '9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c'],
    [2, 65_536, 1, 'differentpassword', 'somesalt', '0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde'],
    [2, 65_536, 1, 'password', 'diffsalt', 'bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c'],
  ])('%i passes, %i KiB, %i lanes, %s, %s', async (passes, memory, lanes, password, salt, expected) => {
    expect(await derive(password, salt, passes, memory, lanes)).toBe(expected);
  });

  test('leaves no WebAssembly instance behind, whose memory holds the passphrase and the key', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const instances: WeakRef<WebAssembly.Instance>[] = [];
    const { instantiate } = WebAssembly;
    // Not a spy, which would keep the instances that it returned.
    WebAssembly.instantiate = (async (module: WebAssembly.Module) => {
      const instance = await instantiate(module);
      instances.push(new WeakRef(instance));
      return instance;
    }) as typeof WebAssembly.instantiate;
    await derive('password', 'somesalt', 1, 256, 1);
    WebAssembly.instantiate = instantiate;
    expect(instances.length).toBeGreaterThan(1);
    // A turn of the event loop, during which weak references do not keep their targets.
    await new Promise((resolve) => setTimeout(resolve));
    collectGarbage();
    expect(instances.filter((instance) => instance.deref() !== undefined)).toEqual([]);
  });
});

test('reports that its script could not be fetched, as for every script that is loaded on first use', async () => {
  vi.resetModules();
  vi.doMock('../../../lib/gallery/crypto/argon2id.ts', () => {
    throw new TypeError('Failed to fetch dynamically imported module');
  });
  const { createVault } = await import('../../../lib/gallery/crypto/vault.ts');
  await expect(createVault('one')).rejects.toMatchObject({ code: 'model-missing' });
  vi.doUnmock('../../../lib/gallery/crypto/argon2id.ts');
});

test('reports that the memory does not suffice', async () => {
  vi.spyOn(WebAssembly, 'instantiate').mockRejectedValue(new RangeError('Out of memory'));
  const derivation = { kdf: 'argon2id', memory: 65_536, passes: 1, lanes: 1 } as const;
  await expect(deriveBits(derivation, 'one', new Uint8Array(16))).rejects.toMatchObject({
    code: 'backend-unavailable',
    message: expect.stringContaining('64 MiB'),
  });
});
