import { readFileSync, writeFileSync } from 'node:fs';
import type { FaceNetElement } from '../../lib/element/index.ts';
import { launchChromium } from '../../scripts/kit/browser.ts';
import { bundled } from '../support/bundled.ts';
import { expect, openLibrary, photos, test } from '../support/library.ts';

test.describe('<face-net>', () => {
  test('marks and identifies the faces of a photo, and dispatches errors with their code', async ({ page }) => {
    const result = await page.evaluate(async () => {
      const [elementAddress, galleryAddress] = ['/dist/element.js', '/dist/gallery.js'];
      await import(elementAddress);
      const { Gallery } = (await import(galleryAddress)) as typeof import('../../lib/gallery/index.ts');
      const facenet = await library.FaceNet.load({ models: '/models/' });
      const gallery = await Gallery.open({ name: 'element', facenet, storage: 'memory' });
      const [ada] = await facenet.embed(await photo('/photos/sample1.jpg'));
      if (ada) await gallery.enrol({ name: 'Ada' }, ada);
      const inOther = (await facenet.detect(await photo('/photos/sample6.jpg'))).length;
      await facenet.dispose();

      const element = document.createElement('face-net');
      document.body.append(element);
      const next = <Name extends 'faces' | 'identified' | 'error'>(name: Name) =>
        new Promise<import('../../lib/element/index.ts').FaceNetElementEventMap[Name]['detail']>((resolve) =>
          element.addEventListener(name, ({ detail }) => resolve(detail as never), { once: true }),
        );
      const first = Promise.all([next('faces'), next('identified')]);
      element.gallery = gallery;
      element.models = '/models/';
      element.source = '/photos/sample1.jpg';
      const [{ faces }, { person, probability }] = await first;
      const shadow = element.shadowRoot as ShadowRoot;
      const marked = {
        faces: faces.length,
        marks: [...shadow.querySelectorAll('.face')].map((mark) => mark.textContent).sort(),
        says: shadow.querySelector('[role=status]')?.textContent,
        alt: shadow.querySelector('img')?.alt,
        styleElements: shadow.querySelectorAll('style').length,
      };
      const second = next('faces');
      element.source = await photo('/photos/sample6.jpg');
      const other = (await second).faces.length;
      const failing = next('error');
      element.source = '/photos/none.jpg';
      const error = (await failing) as { code: string };
      const saysError = shadow.querySelector('[role=status]')?.textContent;
      element.remove();
      return { ...marked, person: person.name, probability, missed: inOther - other, code: error.code, saysError };
    });
    expect(result).toMatchObject({
      faces: 3,
      marks: ['', '', 'Ada'],
      says: '3 faces: Ada',
      alt: '3 faces',
      styleElements: 0,
      person: 'Ada',
      missed: 0,
      code: 'image-unreadable',
      saysError: expect.stringContaining('none.jpg answered 404'),
    });
    expect(result.probability).toBeGreaterThan(0.9);
    await expect.poll(() => page.workers().length, 'frees the networks when it is removed').toBe(0);
  });

  test('starts the camera with its button, follows faces, shows that the camera stopped, and stops it with the button', async ({
    server,
  }, testInfo) => {
    const film = testInfo.outputPath('camera.mjpeg');
    const frame = readFileSync(`${photos}/sample1.jpg`);
    writeFileSync(film, Buffer.concat(Array(30).fill(frame)));
    const browser = await launchChromium([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ]);
    try {
      const page = await browser.newPage();
      await openLibrary(page, server);
      await page.evaluate(async () => {
        const address = '/dist/element.js';
        await import(address);
        const element = document.createElement('face-net');
        element.models = '/models/';
        element.source = 'camera';
        document.body.append(element);
      });
      const button = page.getByRole('button', { name: 'Start the camera' });
      await expect(button).toBeVisible();
      expect(await page.locator('video').count(), 'the camera is off before').toBe(0);
      await button.click();
      await expect(page.getByRole('status')).toHaveText('3 faces', { timeout: 60_000 });
      await expect(page.locator('.face')).toHaveCount(3);
      await page.screenshot({ path: testInfo.outputPath('camera.png') });
      const cameraTrack = () =>
        page.evaluateHandle(() => {
          const { shadowRoot } = document.querySelector('face-net') as FaceNetElement;
          const video = (shadowRoot as ShadowRoot).querySelector('video') as HTMLVideoElement;
          return (video.srcObject as MediaStream).getTracks()[0] as MediaStreamTrack;
        });
      await (await cameraTrack()).evaluate((track) => track.stop());
      await expect(page.getByRole('status')).toHaveText(
        'The camera stopped. Check that it is plugged in and allowed, then start it again.',
      );
      await button.click();
      await expect(page.getByRole('status')).toHaveText('3 faces', { timeout: 60_000 });
      const track = await cameraTrack();
      await page.getByRole('button', { name: 'Stop the camera' }).click();
      expect(await track.evaluate(({ readyState }) => readyState)).toBe('ended');
      await expect(page.locator('video')).toHaveCount(0);
      await expect.poll(() => page.workers().length).toBe(0);
      await expect(button).toBeFocused();
    } finally {
      await browser.close();
    }
  });

  test('shows the error of a denied camera, and offers it again', async ({ page }) => {
    await page.evaluate(async () => {
      const address = '/dist/element.js';
      await import(address);
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
      const element = document.createElement('face-net');
      element.models = '/models/';
      element.source = 'camera';
      document.body.append(element);
    });
    await page.getByRole('button', { name: 'Start the camera' }).click();
    await expect(page.getByRole('status')).toHaveText('Permission denied');
    await expect(page.getByRole('button', { name: 'Start the camera' })).toBeVisible();
    await expect.poll(() => page.workers().length).toBe(0);
  });
});

test('the hooks for React load once for all components, follow a video, report errors and free the networks', async ({
  page,
}) => {
  const body = await bundled(`
    import { StrictMode, useRef, useState } from 'react';
    import { createRoot } from 'react-dom/client';
    import { useFaceNet, usePhotoFaces, useVideoFaces } from 'facenet-web/react';

    function Counted({ photo, options }) {
      const { facenet, error } = useFaceNet(options);
      const { faces, error: unreadable } = usePhotoFaces(facenet, photo);
      return <output>{error?.code ?? unreadable?.code ?? faces?.length ?? '…'}</output>;
    }
    function Followed({ stream }) {
      const video = useRef(null);
      const { facenet } = useFaceNet({ models: '/models/' });
      const { frame } = useVideoFaces(facenet, video);
      const start = (element) => {
        video.current = element;
        if (element && element.srcObject !== stream) Object.assign(element, { srcObject: stream, muted: true }).play();
      };
      return <figure><video ref={start} /><output>{frame?.faces.length ?? '…'}</output></figure>;
    }
    const root = createRoot(document.body.appendChild(document.createElement('main')));
    export const render = (photo, broken, stream) => root.render(
      <StrictMode>
        <Counted photo={photo} options={{ models: '/models/' }} />
        <Counted photo={broken} options={{ models: '/models/' }} />
        <Counted photo={photo} options={{ models: '/nothing/' }} />
        <Followed stream={stream} />
      </StrictMode>
    );
    export const unmount = () => root.unmount();
  `);
  await page.route('**/dist/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
  await page.evaluate(async () => {
    const address = '/dist/app.js';
    const app = await import(address);
    const blob = await photo('/photos/sample1.jpg');
    const bitmap = await createImageBitmap(blob);
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    setInterval(() => canvas.getContext('2d')?.drawImage(bitmap, 0, 0, 640, 480), 100);
    app.render(blob, new Blob(['no picture']), canvas.captureStream(10));
    Object.assign(globalThis, { app });
  });
  await expect(page.locator('output')).toHaveText(['3', 'image-unreadable', 'model-missing', '3'], { timeout: 60_000 });
  // Its threads are workers too, one per core.
  const names = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.name)));
  expect(names.filter((name) => name === 'facenet-web')).toHaveLength(1);
  await page.evaluate(() => (globalThis as unknown as { app: { unmount: () => void } }).app.unmount());
  await expect.poll(() => page.workers().length).toBe(0);
});
