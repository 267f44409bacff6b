import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import type { EmbeddedFace } from '../../lib/index.ts';
import { type Example, examples } from '../../scripts/api/examples.ts';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { bundled } from '../support/bundled.ts';
import { expect, test } from '../support/library.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The examples that this test skips: a pattern that occurs in the example's code, and the reason. */
const skipped: [RegExp, string][] = [
  [/QdrantClient/, 'needs a Qdrant server; test/package/examples.test.ts compiles it'],
  [/location\.reload/, 'reloads its page; people.spec.ts runs it'],
  [/'facenet-2018'/, 'needs weights that must be downloaded; facenet-weights.spec.ts runs a file of their layout'],
  [/\btrainNetwork\(|\bidentityBatches\(/, 'trains for long, or without end; networks.spec.ts trains a network'],
  [/prompt\('Who is this/, 'needs a camera and a name; readme.spec.ts runs it'],
  [/cdn\.example/, 'needs another host; model-sources.spec.ts reads models by function'],
  [/'\/(own|dlib)\/'/, 'needs model files of users; own-model, own-detector and classical.spec.ts run such files'],
  [/\bconvertOriginal\(/, 'needs files of dlib; test/unit/cli/caffe and test/unit/cli/dlib convert such files'],
  [/\breadEncodings\(/, 'needs encodings of a server; test/unit/gallery/encodings.test.ts reads them'],
  [/\bPgVectorIndex\(/, 'needs PostgreSQL; test/unit/gallery/pgvector.test.ts runs it'],
  [/\btripletLoss\(/, 'needs a network; networks.spec.ts trains one'],
  [
    /^(?![\s\S]*const (pairs|compared))[\s\S]*\b(pairs|compared)[,).]/,
    'needs labelled photos; test/unit/evaluation calls these functions',
  ],
  [/\bpeople\[|\(people, async|\(embeddings, people\)/, 'needs labelled photos; test/unit calls these functions'],
  [/\bloadWeights\(network, Object|MarginCosineLoss\(tf, rows/, 'needs a network; networks.spec.ts trains one'],
  [/\b(Head\.load|readRegions|parsePairs)\((await )?file\b/, 'needs a file of its kind; test/unit reads such files'],
  [/\bperson: ada\b/, 'needs the id of a person; test/unit/gallery/search.test.ts searches such indexes'],
  [/^(?![\s\S]*Library\.open)[\s\S]*\blibrary\./, 'needs an index of photos; e2e/library and test/unit/library run it'],
];

/** The photos of known people that docs/migrating.md enrols. */
const photosOfPeople: Record<string, string> = {
  '/people/Ada/1.jpg': 'man-webcam.jpg',
  '/people/Ada/2.jpg': 'man-suit.jpg',
  '/people/Bob/1.jpg': 'officer.jpg',
  '/people/Bob/2.jpg': 'officer-print.jpg',
};

test.use({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what the example needs.
  server: async ({}, use) => {
    const models = path('../../public/models');
    const photos = path('../../node_modules/@vladmandic/face-api/demo');
    // The addresses that the examples use.
    const published = path('../../node_modules/faceplugin-face-recognition-js/model');
    const server = await serveLibrary({ '/photos': photos, '/own-models': models, '/published': published });
    await use(server);
    await server.close();
  },
});

test('every example of README.md, of docs/ and of the docstrings runs on real photos without an error', async ({
  page,
}) => {
  test.slow();
  await page.route('**/photo.jpg', async (route) =>
    route.fulfill({ path: path('../../node_modules/@vladmandic/face-api/demo/sample1.jpg') }),
  );
  await page.route('**/people/*/*.jpg', async (route) => {
    const photo = photosOfPeople[new URL(route.request().url()).pathname];
    await route.fulfill({ path: path(`../../demo/samples/${photo}`) });
  });
  const run: string[] = [];
  for (const [i, example] of examples().entries()) {
    if (skipped.some(([pattern]) => pattern.test(example.code))) continue;
    await test.step(example.place, async () => {
      expect(await runExample(page, example, i), example.place).toEqual([]);
    });
    run.push(example.place);
  }
  expect(run.length).toBeGreaterThan(12);
});

test('the first example prints that two people are different', async ({ page }) => {
  const [first] = examples();
  const lines: string[] = [];
  page.on('console', (message) => lines.push(message.text()));
  await runExample(page, first as Example, 0);
  expect(lines.join('\n')).toMatch(/^different people 0/m);
});

/** Runs an example as a module of the page, or renders it if it is a component. Returns its errors. */
async function runExample(page: Page, { code }: Example, i: number): Promise<string[]> {
  const script = `/dist/example-${i}.js`;
  const body = await scriptOf(code);
  await page.route(`**${script}`, (route) => route.fulfill({ contentType: 'text/javascript', body }));
  const problems: string[] = [];
  const note = (error: Error) => problems.push(error.message);
  page.on('pageerror', note);
  const trains = /\btrainHead\(/.test(code);
  const modelFile = /\bconvertModel\(/.test(code) ? '/published/fr_feature.onnx' : undefined;
  await page.evaluate(prepare, { trains, modelFile });
  const failed = await page.evaluate(
    async ({ script, trains }) => {
      try {
        const { rendered } = await import(script);
        await rendered;
      } catch (error) {
        // Endless examples end with the abort of their signal. Those that train must complete.
        if (!trains && error instanceof DOMException && error.name === 'TimeoutError') return;
        return String(error instanceof Error ? error.stack : error);
      }
    },
    { script, trains },
  );
  await page.evaluate(() => (globalThis as unknown as { tidyUp: () => Promise<void> }).tidyUp());
  page.off('pageerror', note);
  return failed ? [...problems, failed] : problems;
}

/** Bundles an example into one script. A component renders itself for a while. */
function scriptOf(code: string): Promise<string> {
  const render = `
    import { createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    const root = createRoot(document.body.appendChild(document.createElement('div')), { onUncaughtError: reportError });
    root.render(createElement(Component, { photo }));
    export const rendered = new Promise((resolve) => setTimeout(resolve, 1000)).then(() => root.unmount());
  `;
  const component = /export \{ (\w+) as Component \};/;
  return bundled(component.test(code) ? `${code.replace(component, 'const Component = $1;')}${render}` : code);
}

/** What the examples of a page share. */
interface Shared {
  photos: Blob[];
  faces: EmbeddedFace[];
  others: EmbeddedFace[];
  crop: ImageData;
  video: HTMLVideoElement;
  /** Variations of each face, for the examples that train. */
  people?: { embedding: Float32Array; model: string }[][];
}

/** Runs in the page: creates the variables that the examples use, which examples-context.d.ts declares. */
async function prepare({ trains, modelFile }: { trains: boolean; modelFile: string | undefined }): Promise<void> {
  const { FaceNet } = library;
  const address = '/dist/gallery.js';
  const { Gallery } = (await import(address)) as typeof import('../../lib/gallery/index.ts');
  const state = globalThis as unknown as { shared?: Shared; photoOf?: typeof photo };
  // Keeps the networks loaded between the examples.
  if (!state.shared) await FaceNet.load();
  const facenet = await FaceNet.load();
  state.photoOf ??= photo;
  state.shared ??= await createShared(facenet, state.photoOf);
  const { photos, faces, others, crop, video } = state.shared;
  const [photoA, photoB, photoC] = photos as [Blob, Blob, Blob];
  const [face, probe, third] = faces as [EmbeddedFace, EmbeddedFace, EmbeddedFace];
  const gallery = await Gallery.open({ name: 'examples', facenet, storage: 'memory' });
  const enrolled = [
    await gallery.enrol({ name: 'Ada' }, face, { allow: ['low-quality'] }),
    await gallery.enrol({ name: 'Bob' }, third, { allow: ['low-quality', 'other-person'] }),
  ];
  const [person, other] = enrolled.map((result) => result.enrolled && result.person);
  if (trains) {
    // Four photos of different people.
    const four = await Promise.all(
      [1, 4, 5, 6].map((i) => half(state.photoOf as typeof photo, `/photos/sample${i}.jpg`)),
    );
    const fast = await FaceNet.load({ preset: 'fast' });
    state.shared.people ??= await variationsOf(fast, four);
    await fast.dispose();
    for (const [i, [first, ...others]] of state.shared.people.entries()) {
      const allow = ['other-person', 'not-this-person'] as const;
      const result = await gallery.enrol({ name: `person ${i}` }, first as EmbeddedFace, { allow });
      if (!result.enrolled) throw new Error(`person ${i} was not enrolled`);
      for (const face of others) await gallery.enrol({ id: result.person.id }, face, { allow });
    }
  }
  Object.assign(globalThis, {
    ...{ facenet, gallery, video, face, probe, faces, newFaces: others, crop, person, other },
    ...{ photo: photoA, photoA, photoB, photoC },
    file: modelFile
      ? new File([await (await fetch(modelFile)).blob()], 'model.onnx')
      : new File([photoA], 'photo.jpg', { type: photoA.type }),
    storedFloat32Array: face.embedding,
    passphrase: 'correct horse battery staple',
    controller: new AbortController(),
    signal: AbortSignal.timeout(trains ? 60_000 : 2000),
    bar: document.createElement('progress'),
    hint: document.createElement('p'),
    texts: {},
    draw: () => {},
    tell: () => {},
    show: () => {},
    async tidyUp() {
      for (const element of document.querySelectorAll('face-net')) element.remove();
      await gallery.close().catch(() => {}); // An example may have erased it.
      await facenet.dispose();
    },
  });

  /** Mirrored, darker, lighter and blurred versions of each face: enough to calibrate a head. */
  async function variationsOf(facenet: import('../../lib/index.ts').FaceNet, photos: Blob[]) {
    const side = 150;
    const canvas = new OffscreenCanvas(side, side);
    const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
    const changes = [0.5, 0.7, 1, 1.3].flatMap((light) => [0, 0.7, 1.4].map((blur) => ({ light, blur })));
    const people: { embedding: Float32Array; model: string }[][] = [];
    for (const photo of photos) {
      for (const face of await facenet.embed(photo)) {
        const crop = await createImageBitmap(await facenet.align(photo, face, { size: side }));
        const own: { embedding: Float32Array; model: string }[] = [];
        for (const mirrored of [false, true]) {
          for (const { light, blur } of changes) {
            context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? side : 0, 0);
            context.filter = `brightness(${light}) blur(${blur}px)`;
            context.drawImage(crop, 0, 0);
            own.push(await facenet.embedCrop(context.getImageData(0, 0, side, side)));
          }
        }
        people.push(own);
      }
    }
    return people;
  }

  /** Loads a sample photo at half size, to speed up detection. */
  async function half(photoOf: typeof photo, address: string): Promise<Blob> {
    const bitmap = await createImageBitmap(await photoOf(address), { resizeWidth: 960, resizeQuality: 'high' });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
  }

  async function createShared(facenet: import('../../lib/index.ts').FaceNet, photoOf: typeof photo): Promise<Shared> {
    const photos = await Promise.all([1, 6, 2].map((i) => half(photoOf, `/photos/sample${i}.jpg`)));
    const [first, second] = photos as [Blob, Blob];
    const faces = await facenet.embed(first);
    // The camera shows a photo.
    const bitmap = await createImageBitmap(first);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const draw = () => canvas.getContext('2d')?.drawImage(bitmap, 0, 0, 640, 480);
    draw();
    setInterval(draw, 100);
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = canvas.captureStream(10);
    await video.play();
    const crop = await facenet.align(first, faces[0] as EmbeddedFace);
    return { photos, faces, others: await facenet.embed(second), crop, video };
  }
}
