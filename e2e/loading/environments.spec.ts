import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { expect, importLibrary, ownModels, test } from '../support/library.ts';
import { tryOut } from '../support/try-out.ts';

test('rejects in a service worker with the way out', async ({ page }) => {
  const folder = join(ownModels, 'service-worker');
  mkdirSync(folder, { recursive: true });
  const script = `import { FaceNet } from '/dist/facenet-web.js';
    addEventListener('message', ({ source }) =>
      FaceNet.load({ models: '/models/' }).then(
        () => source.postMessage({ code: 'loaded' }),
        ({ code, message }) => source.postMessage({ code, message }),
      ));`;
  writeFileSync(join(folder, 'worker.js'), script);
  const outcome = await page.evaluate(async () => {
    const address = '/own/service-worker/worker.js';
    const registration = await navigator.serviceWorker.register(address, { type: 'module' });
    const answer = new Promise((resolve) => {
      navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
    });
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    worker?.postMessage('load');
    return answer.finally(() => registration.unregister());
  });
  expect(outcome).toEqual({ code: 'backend-unavailable', message: expect.stringContaining('offscreen document') });
});

test('asks for an absolute URL of the models in a worker from a blob: URL, and loads with one', async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const script = `import { FaceNet } from '${location.origin}/dist/facenet-web.js';
      onmessage = ({ data }) => FaceNet.load({ preset: 'fast', ...data }).then(
        () => postMessage('loaded'),
        ({ code, message }) => postMessage({ code, message }),
      );
      postMessage('ready');`;
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), { type: 'module' });
    const next = () =>
      new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
      });
    await next();
    const outcomes = [];
    for (const options of [{}, { models: '/models/' }, { models: `${location.origin}/models/` }]) {
      worker.postMessage(options);
      outcomes.push(await next());
    }
    worker.terminate();
    return outcomes;
  });
  const relative = { code: 'option-invalid', message: expect.stringContaining('Pass an absolute URL') };
  expect(outcomes).toEqual([relative, relative, 'loaded']);
});

test('names the directive that a Content-Security-Policy lacks', { tag: '@page' }, async ({ browser, inWorker }) => {
  const headers = { 'Content-Security-Policy': "default-src 'self'; script-src 'self'" };
  const server = await serveLibrary({}, { headers });
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.evaluate(importLibrary, inWorker);
  const { code, message } = await tryOut(page);
  expect(code).toBe('backend-unavailable');
  expect(message).toContain("Add 'wasm-unsafe-eval' to script-src");
  expect(message).not.toContain('newer browser');
  await page.close();
  await server.close();
});
