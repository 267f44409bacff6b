import { FaceNetError } from 'facenet-web';
import type { GalleryOptions } from 'facenet-web/gallery';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { galleryState, isRepairable, openGallery, people, repairGallery } from '../../../demo/app/gallery.ts';

/** A gallery of which a record is damaged. */
const stored = vi.hoisted(() => ({
  passphrase: undefined as string | undefined,
  /** Whether the damage is in the key, so that no record can be read. */
  beyondRepair: false,
  open: async (_: GalleryOptions): Promise<unknown> => undefined,
  reads: [] as unknown[],
}));

vi.mock('../../../demo/app/facenet.ts', () => ({ loadedFaceNet: async () => ({}) }));
vi.mock('../../../demo/app/toasts.tsx', () => ({ toast: () => {} }));
vi.mock('../../../demo/app/language.ts', () => ({ localized: ({ en }: { en: unknown }) => en }));
vi.mock('facenet-web/gallery', () => ({ Gallery: { open: (options: GalleryOptions) => stored.open(options) } }));

const damaged = () => new FaceNetError('gallery-corrupt', 'A record is damaged.');
const ada = { id: '1', name: 'Ada' };

/** Opens a stand-in for the stored gallery. */
async function openStored({ repair = false }: GalleryOptions) {
  const requireReadable = () => {
    if (!repair || stored.beyondRepair) throw damaged();
  };
  let locked = stored.passphrase !== undefined;
  if (!locked) requireReadable();
  return {
    get locked() {
      return locked;
    },
    async unlock(passphrase: string) {
      if (passphrase !== stored.passphrase) throw new FaceNetError('key-wrong', 'The passphrase is wrong.');
      requireReadable();
      locked = false;
    },
    async list(options: unknown) {
      stored.reads.push(options);
      return [ada];
    },
    models: async () => [],
    damaged: async () => [{ kind: 'person', id: '2' }],
    close: async () => {},
  };
}

beforeEach(() => {
  Object.assign(stored, { passphrase: undefined, beyondRepair: false, open: openStored, reads: [] });
  people.value = [];
});

describe('remembered people of whom a record is damaged', () => {
  test('are opened without the record, whose number is told', async () => {
    await openGallery();
    const state = galleryState.value;
    expect(state.status === 'failed' && isRepairable(state.error)).toBe(true);
    expect(await repairGallery()).toBe(1);
    expect([galleryState.value.status, people.value]).toEqual(['open', [ada]]);
  });

  test('are unlocked with the passphrase for a repair', async () => {
    stored.passphrase = 'one';
    await openGallery();
    expect(galleryState.value.status).toBe('locked');
    expect(await repairGallery('one')).toBe(1);
    expect([galleryState.value.status, people.value]).toEqual(['open', [ada]]);
  });

  test('are reported if nothing can be kept', async () => {
    stored.beyondRepair = true;
    await openGallery();
    expect(await repairGallery()).toBeUndefined();
    expect(galleryState.value.status).toBe('failed');
  });
});

test('people that another tab changes are read in the background', async () => {
  let onChange = () => {};
  stored.open = async (options) => {
    onChange = options.onChange ?? onChange;
    return openStored({ ...options, repair: true });
  };
  await openGallery();
  stored.reads = [];
  onChange();
  await vi.waitFor(() => expect(stored.reads).toEqual([{ background: true }]));
});
