import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright/test';
import { serveLibrary } from '../scripts/browser.ts';
import { type Example, examples } from '../scripts/examples.ts';
import { expect, test } from './library.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** What an example needs that is not on this machine. */
const lacking: [RegExp, string][] = [[/QdrantClient/, 'it needs a Qdrant server; it is compiled']];

test.use({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what the fixture needs.
  server: async ({}, use) => {
    const models = path('../public/models');
    const photos = path('../node_modules/@vladmandic/face-api/demo');
    // An address that an example takes for a photo's, or for a models folder, is one.
    const server = await serveLibrary({ '/photos': photos, '/own-models': models });
    await use(server);
    await server.close();
  },
});

test('every example of README.md and of the docstrings does what it says, on real photos', async ({ page }) => {
  await page.route('**/photo.jpg', async (route) =>
    route.fulfill({ path: path('../node_modules/@vladmandic/face-api/demo/sample1.jpg') }),
  );
  const run: string[] = [];
  for (const [i, example] of examples().entries()) {
    if (lacking.some(([pattern]) => pattern.test(example.code))) continue;
    await test.step(example.place, async () => {
      expect(await runExample(page, example, i), example.place).toEqual([]);
    });
    run.push(example.place);
  }
  expect(run.length).toBeGreaterThan(12);
});

test('the first example tells two people apart', async ({ page }) => {
  const [first] = examples();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await runExample(page, first as Example, 0);
  expect(said.join('\n')).toMatch(/^different people 0/m);
});

/** Runs an example as a module of the page; a component is rendered. @returns what went wrong. */
async function runExample(page: Page, { code }: Example, i: number): Promise<string[]> {
  const script = `/dist/example-${i}.js`;
  const body = await bundled(code);
  await page.route(`**${script}`, (route) => route.fulfill({ contentType: 'text/javascript', body }));
  const problems: string[] = [];
  const note = (error: Error) => problems.push(error.message);
  page.on('pageerror', note);
  await page.evaluate(prepare);
  const failed = await page.evaluate(async (script) => {
    try {
      const { rendered } = await import(script);
      await rendered;
    } catch (error) {
      // An example that goes on until it is aborted ends so.
      if (error instanceof DOMException && error.name === 'TimeoutError') return;
      return String(error instanceof Error ? error.stack : error);
    }
  }, script);
  await page.evaluate(() => (globalThis as unknown as { tidyUp: () => Promise<void> }).tidyUp());
  page.off('pageerror', note);
  return failed ? [...problems, failed] : problems;
}

/** An example as one script, which takes the built library from where it is served, and React from node_modules. */
async function bundled(code: string): Promise<string> {
  const isComponent = code.includes('as Component');
  const render = `
    import { createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    const root = createRoot(document.body.appendChild(document.createElement('div')), {
      onUncaughtError: (error) => reportError(error),
    });
    root.render(createElement(Component, { photo }));
    export const rendered = new Promise((resolve) => setTimeout(resolve, 3000)).then(() => root.unmount());
  `;
  const { outputFiles } = await build({
    stdin: {
      contents: isComponent
        ? `${code.replace(/export \{ (\w+) as Component \};/, 'const Component = $1;')}${render}`
        : code,
      resolveDir: path('..'),
      loader: 'tsx',
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'built-library',
        setup({ onResolve }) {
          onResolve({ filter: /^facenet-web\/react$/ }, () => ({ path: path('../dist/react.js') }));
          onResolve({ filter: /^(facenet-web|\.\/facenet-web\.js)/ }, ({ path }) => {
            const name = path.replace(/^\.\/|\.js$/g, '').replace('facenet-web/', '');
            return { path: `/dist/${name}.js`, external: true };
          });
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? '';
}

/** Makes everything that the examples take for granted, in the page: examples-context.d.ts lists it. */
async function prepare(): Promise<void> {
  const { FaceNet } = library;
  const address = '/dist/gallery.js';
  const { Gallery } = (await import(address)) as typeof import('../lib/gallery/index.ts');
  const facenet = await FaceNet.load();
  const [photoA, photoB, photoC] = await Promise.all([1, 6, 2].map((i) => photo(`/photos/sample${i}.jpg`)));
  const faces = await facenet.embed(photoA as Blob);
  const [face, probe, third] = faces as [(typeof faces)[0], (typeof faces)[0], (typeof faces)[0]];
  const gallery = await Gallery.open({ name: 'examples', facenet, storage: 'memory' });
  const enrolled = [
    await gallery.enrol({ name: 'Ada' }, face, { allow: ['low-quality'] }),
    await gallery.enrol({ name: 'Bob' }, third, { allow: ['low-quality', 'other-person'] }),
  ];
  const [person, other] = enrolled.map((result) => result.enrolled && result.person);

  // A camera's picture stands still here: a photo on a canvas.
  const bitmap = await createImageBitmap(photoA as Blob);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 640, height: 480 });
  const draw = () => canvas.getContext('2d')?.drawImage(bitmap, 0, 0, 640, 480);
  draw();
  const timer = setInterval(draw, 100);
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = canvas.captureStream(10);
  await video.play();

  const context: Record<string, unknown> = {
    facenet,
    gallery,
    photo: photoA,
    photoA,
    photoB,
    photoC,
    file: new File([photoA as Blob], 'photo.jpg'),
    video,
    face,
    probe,
    faces,
    newFaces: await facenet.embed(photoB as Blob),
    crop: await facenet.align(photoA as Blob, face),
    storedFloat32Array: face.embedding,
    person,
    other,
    passphrase: 'correct horse battery staple',
    controller: new AbortController(),
    signal: AbortSignal.timeout(4000),
    bar: document.createElement('progress'),
    draw: () => {},
    tell: () => {},
  };
  const before = Object.fromEntries(Object.keys(context).map((name) => [name, Reflect.get(globalThis, name)]));
  Object.assign(globalThis, context, {
    async tidyUp() {
      clearInterval(timer);
      for (const track of (video.srcObject as MediaStream).getTracks()) track.stop();
      for (const element of document.querySelectorAll('face-net')) element.remove();
      await gallery.close().catch(() => {});
      await facenet.dispose();
      Object.assign(globalThis, before);
    },
  });
}
