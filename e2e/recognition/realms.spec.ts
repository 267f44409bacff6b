import { importEntries } from '../support/entries.ts';
import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

const sources = ['blob', 'file', 'image', 'canvas', 'offscreen', 'bitmap', 'pixels', 'frame', 'video', 'watch'];

test('accepts pictures, videos, embeddings and files of an iframe and of a popup', { tag: '@page' }, async ({
  page,
}) => {
  await loadFast(page);
  await importEntries(page);
  const outcomes = await page.evaluate(async () => {
    type Realm = typeof globalThis;

    const sourcesOf = async (realm: Realm) => {
      const pixels = new realm.ImageData(192, 192);
      pixels.data.set(still.data);
      const canvas = Object.assign(realm.document.createElement('canvas'), { width: 192, height: 192 });
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      const draw = () => context.putImageData(pixels, 0, 0);
      draw();
      const offscreen = new realm.OffscreenCanvas(192, 192);
      (offscreen.getContext('2d') as OffscreenCanvasRenderingContext2D).putImageData(pixels, 0, 0);
      const blob = new realm.Blob([await offscreen.convertToBlob()]);
      const image = realm.document.createElement('img');
      image.src = realm.URL.createObjectURL(blob);
      const video = Object.assign(realm.document.createElement('video'), { muted: true });
      video.srcObject = canvas.captureStream();
      setInterval(draw, 50);
      await video.play();
      const bitmap = await realm.createImageBitmap(pixels);
      const frame = new realm.VideoFrame(canvas, { timestamp: 0 });
      const file = new realm.File([blob], 'face.png');
      return { blob, file, image, canvas, offscreen, bitmap, pixels, frame, video };
    };

    const outcomesOf = async (realm: Realm) => {
      const outcomes: Record<string, unknown> = {};
      const sources = await sourcesOf(realm);
      for (const [kind, source] of Object.entries(sources)) {
        const faces = await facenet.detect(source, quick).catch(({ message }) => message);
        outcomes[kind] = faces.length;
      }
      for await (const { faces } of facenet.watch(sources.video, quick)) {
        outcomes.watch = faces.length;
        if (faces.length > 0) break;
      }
      const [face] = await facenet.embed(still, quick);
      if (!face) throw new Error('there was no face');
      const embedding = new realm.Float32Array(face.embedding);
      outcomes.compared = facenet.compare(embedding, face).same;
      const templateKey = new realm.Uint8Array(32);
      const passphrase = 'sesame';
      const gallery = await entries.Gallery.open({
        name: 'realms',
        facenet,
        storage: 'memory',
        templateKey,
        passphrase,
      });
      const { enrolled } = await gallery.enrol({ name: 'Ada' }, { ...face, embedding }, { crop: sources.pixels });
      outcomes.enrolled = enrolled;
      outcomes.imported = await codeOf(async () =>
        gallery.import(new realm.Blob([await gallery.export({ passphrase })]), { passphrase }),
      );
      await gallery.close();
      outcomes.head = await codeOf(entries.Head.load(new realm.Blob(['no head'])));
      const models = new realm.URL('/models/', location.href);
      outcomes.loaded = await codeOf(async () => (await library.FaceNet.load({ models, preset: 'fast' })).dispose());
      return outcomes;
    };

    const frame = document.body.appendChild(document.createElement('iframe')).contentWindow;
    return { iframe: await outcomesOf(frame as Realm & Window), popup: await outcomesOf(open() as Realm & Window) };
  });
  const expected = {
    ...Object.fromEntries(sources.map((kind) => [kind, 1])),
    compared: true,
    enrolled: true,
    imported: 'no error',
    head: 'head-invalid',
    loaded: 'no error',
  };
  expect(outcomes).toEqual({ iframe: expected, popup: expected });
});

test('refuses an object that only resembles a picture', async ({ sharedPage: page }) => {
  const codes = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const copies = [Blob, HTMLImageElement, HTMLVideoElement, ImageData, VideoFrame].map(({ name }) => ({
      [Symbol.toStringTag]: name,
      width: 4,
      height: 4,
    }));
    const derived = [Object.create(document.createElement('a')), new Proxy({}, {}), document.createElement('picture')];
    const codes = await Promise.all([...copies, ...derived].map((value) => codeOf(facenet.detect(value as Blob))));
    await facenet.dispose();
    return codes;
  });
  expect(codes).toEqual(Array(8).fill('image-type'));
});
