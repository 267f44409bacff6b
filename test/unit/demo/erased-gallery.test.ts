import { expect, test, vi } from 'vitest';
import { galleryState, openGallery, people } from '../../../demo/app/gallery.ts';
import { FaceNetError } from '../../../lib/core/errors.ts';

/** The gallery that opens, and what it tells the page. */
const app = vi.hoisted(() => ({ onChange: () => {}, isErased: false, isClosed: false }));

vi.mock('../../../demo/app/facenet.ts', () => ({ loadedFaceNet: async () => ({}) }));
vi.mock('../../../demo/app/toasts.tsx', () => ({ toast: () => {} }));
vi.mock('../../../demo/app/language.ts', () => ({ localized: () => ({}) }));
vi.mock('../../../demo/app/messages.ts', () => ({ en: {}, ko: {} }));
vi.mock('facenet-web/gallery', () => ({
  Gallery: {
    open: async ({ onChange }: { onChange: () => void }) => {
      app.onChange = onChange;
      const requireStored = () => {
        if (app.isErased) throw new FaceNetError('disposed', 'The gallery was erased in another tab.');
      };
      return {
        get locked() {
          requireStored();
          return true;
        },
        list: async () => {
          requireStored();
          throw new FaceNetError('gallery-locked', 'The gallery is locked.');
        },
        close: async () => {
          app.isClosed = true;
        },
      };
    },
  },
}));

test('a locked gallery asks for no passphrase after another tab erased it', async () => {
  await openGallery();
  app.onChange();
  await vi.waitFor(() => expect(galleryState.value.status).toBe('locked'));
  app.isErased = true;
  app.onChange();
  await vi.waitFor(() => expect(galleryState.value).toMatchObject({ status: 'failed', error: { code: 'disposed' } }));
  expect(people.value).toEqual([]);
  expect(app.isClosed).toBe(true);
});
