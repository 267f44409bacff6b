import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openPicture } from '../../../lib/image/picture.ts';
import { portable } from '../../../lib/image/portable.ts';

class FakeBitmap {
  width = 4;
  height = 3;
  closed = false;
  close() {
    this.closed = true;
    this.width = 0;
  }
}

class FakeCanvas {
  width = 4;
  height = 3;
}

let created: FakeBitmap[];

beforeEach(() => {
  created = [];
  vi.stubGlobal('ImageBitmap', FakeBitmap);
  vi.stubGlobal('OffscreenCanvas', FakeCanvas);
  vi.stubGlobal('createImageBitmap', async () => {
    const bitmap = new FakeBitmap();
    created.push(bitmap);
    return bitmap;
  });
});

afterEach(() => vi.unstubAllGlobals());

const bitmap = () => new FakeBitmap() as ImageBitmap & FakeBitmap;
const canvas = () => new FakeCanvas() as OffscreenCanvas;

describe('openPicture', () => {
  test('closes the bitmap that it created', async () => {
    const picture = await openPicture(new Blob(['x']));
    expect(created.map(({ closed }) => closed)).toEqual([false]);
    picture.close();
    expect(created.map(({ closed }) => closed)).toEqual([true]);
  });

  test("leaves the caller's bitmap open", async () => {
    const source = bitmap();
    (await openPicture(source)).close();
    expect(source.closed).toBe(false);
    expect(created).toEqual([]);
  });

  test('closes a bitmap that is decoded after an abort', async () => {
    const controller = new AbortController();
    const opening = openPicture(canvas(), controller.signal);
    controller.abort('stop');
    await expect(opening).rejects.toBe('stop');
    await vi.waitFor(() => expect(created.map(({ closed }) => closed)).toEqual([true]));
  });

  test('rejects a bitmap that was closed', async () => {
    const source = bitmap();
    source.close();
    await expect(openPicture(source)).rejects.toMatchObject({ code: 'bitmap-detached' });
  });
});

describe('portable', () => {
  test('passes bitmaps and files through: they remain the caller’s', async () => {
    for (const source of [bitmap(), new Blob(['x'])]) {
      expect(await portable(source)).toEqual({ image: source, owned: false });
    }
    expect(created).toEqual([]);
  });

  test('returns an open bitmap of a canvas, which the caller owns', async () => {
    const { image, owned } = await portable(canvas());
    expect(owned).toBe(true);
    expect(image).toBe(created[0]);
    expect(created[0]?.closed).toBe(false);
  });

  test.each([
    ['a canvas without pixels', () => Object.assign(canvas(), { width: 0 }), 'image-empty'],
    ['an empty file', () => new Blob([]), 'image-empty'],
    ['a value that is no image', () => ({}) as Blob, 'image-type'],
  ])('rejects %s', async (_, source, code) => {
    // A file is checked where it is decoded.
    const opening = source() instanceof Blob ? openPicture(source()) : portable(source());
    await expect(opening).rejects.toMatchObject({ code });
  });
});
