import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { samples } from '../../demo/app/samples.ts';
import type { EmbeddedFace } from '../../lib/index.ts';
import { writeRegions } from '../../lib/library/exchange/xmp.ts';
import { type Example, examples } from '../../scripts/api/examples.ts';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { bundled } from '../support/bundled.ts';
import { addLabelledFaces, addPhotoLibrary, addTensorFlow } from '../support/example-values.ts';
import { expect, test } from '../support/library.ts';
import { sampled } from '../support/sampling.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The examples that this test skips: a pattern that occurs in the example's code, and the reason. */
const skipped: [RegExp, string][] = [
  [/QdrantClient/, 'needs a Qdrant server; test/package/examples.test.ts compiles it'],
  [/location\.reload/, 'reloads its page; people.spec.ts runs it'],
  [/'facenet-2018'/, 'needs weights that must be downloaded; facenet-weights.spec.ts runs a file of their layout'],
  [/\btrainNetwork\(|\bfor \(const batch of identityBatches\(/, 'trains for long; networks.spec.ts trains a network'],
  [/prompt\('Who is this/, 'needs a camera and a name; readme.spec.ts runs it'],
  [/'\/(own|dlib)\/'/, 'needs model files of users; own-model, own-detector and classical.spec.ts run such files'],
  [/\breadEncodings\(/, 'needs encodings of a server; test/unit/gallery/encodings.test.ts reads them'],
  [/\bPgVectorIndex\(/, 'needs PostgreSQL; test/unit/gallery/pgvector.test.ts runs it'],
  [/\bHead\.load\(/, 'needs a file of a trained head; head.spec.ts trains and reads one'],
];

test.use({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what the example needs.
  server: async ({}, use) => {
    const models = path('../../public/models');
    const photos = path('../../node_modules/@vladmandic/face-api/demo');
    // The addresses that the examples use.
    const published = path('../../node_modules/faceplugin-face-recognition-js/model');
    const server = await serveLibrary({
      ...{ '/photos': photos, '/own-models': models, '/published': published },
      ...{ '/samples': path('../../demo/samples'), '/trained': path('../../test/reference/classical') },
    });
    await use(server);
    await server.close();
  },
});

test('the examples of README.md, of docs/ and of the docstrings run on real photos without an error', async ({
  page,
}) => {
  test.slow();
  await page.route('**/photo.jpg', async (route) =>
    route.fulfill({ path: path('../../node_modules/@vladmandic/face-api/demo/sample1.jpg') }),
  );
  await page.route('https://cdn.example/models/**', async (route) => {
    const name = new URL(route.request().url()).pathname.replace('/models/', '');
    await route.fulfill({
      path: path(`../../public/models/${name}`),
      headers: { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' },
    });
  });
  const run: string[] = [];
  const all = withoutRepetitions(examples()).filter(({ code }) => !skipped.some(([pattern]) => pattern.test(code)));
  const isDocument = ({ place }: Example) => !place.startsWith('lib/');
  const docstrings = sampled(
    all.filter((example) => !isDocument(example)),
    25,
  );
  for (const [i, example] of [...all.filter(isDocument), ...docstrings].entries()) {
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

/** The examples whose code no earlier one has. Translations repeat the code of a document, with other comments. */
function withoutRepetitions(all: readonly Example[]): Example[] {
  const byCode = new Map<string, Example>();
  for (const example of all) {
    const code = example.code.replace(/^(.*?)\s*\/\/ .*$/gm, '$1');
    if (!byCode.has(code)) byCode.set(code, example);
  }
  return [...byCode.values()];
}

/** Runs an example as a module of the page, or renders it if it is a component. Returns its errors. */
async function runExample(page: Page, { code }: Example, i: number): Promise<string[]> {
  const script = `/dist/example-${i}.js`;
  const body = await scriptOf(code);
  await page.route(`**${script}`, (route) => route.fulfill({ contentType: 'text/javascript', body }));
  const problems: string[] = [];
  const note = (error: Error) => problems.push(error.message);
  page.on('pageerror', note);
  const trains = /\btrainHead\(/.test(code);
  await page.evaluate(prepare, { trains, given: givenFile(code) });
  await addValues(page, code);
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

/** The file that an example reads: the address of one, or its text. Undefined: a photo. */
function givenFile(code: string): GivenFile | undefined {
  if (/\bconvertModel\(/.test(code)) return { name: 'model.onnx', address: '/published/fr_feature.onnx' };
  if (/\bconvertOriginal\(/.test(code)) return { name: 'detector.svm', address: '/trained/tiny.svm' };
  if (/\bparsePairs\(/.test(code)) return { name: 'pairs.txt', text: '1\t1\nAda\t1\t2\nAda\t1\tBob\t1\n' };
  if (/\breadRegions\(/.test(code)) {
    const region = { name: 'Ada', box: { x: 1200, y: 800, width: 400, height: 400 } };
    return { name: 'photo.xmp', text: writeRegions({ width: 4000, height: 3000, orientation: 1 }, [region]) };
  }
  return;
}

/** Adds the labelled faces, TensorFlow.js or the photo library that an example uses. */
async function addValues(page: Page, code: string): Promise<void> {
  const uses = (names: string) => new RegExp(`(?<![.\\w'])(${names})\\b(?!')`).test(code);
  if (uses('people|labels|embeddings|compared|pairs')) {
    await page.evaluate(
      addLabelledFaces,
      samples.map(({ url, people }) => ({ url: `/${url}`, people })),
    );
  }
  if (uses('tf|network')) await page.evaluate(addTensorFlow, uses('network'));
  if (uses('library') && !code.includes('Library.open')) {
    const names = ['astronaut', 'astronaut-dim', 'officer', 'man-suit'];
    await page.evaluate(
      addPhotoLibrary,
      names.map((name) => `/samples/${name}.jpg`),
    );
  }
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

/** A file for an example. */
interface GivenFile {
  name: string;
  address?: string;
  text?: string;
}

/** What the examples of a page share. */
interface Shared {
  photos: Blob[];
  faces: EmbeddedFace[];
  others: EmbeddedFace[];
  crop: ImageData;
  otherCrop: ImageData;
  video: HTMLVideoElement;
  /** Variations of each face, for the examples that train. */
  people?: { embedding: Float32Array; model: string }[][];
}

/** Runs in the page: creates the variables that the examples use, which examples-context.d.ts declares. */
async function prepare({ trains, given }: { trains: boolean; given: GivenFile | undefined }): Promise<void> {
  const { FaceNet } = library;
  const address = '/dist/gallery.js';
  const { Gallery } = (await import(address)) as typeof import('../../lib/gallery/index.ts');
  const state = globalThis as unknown as { shared?: Shared; photoOf?: typeof photo };
  // Keeps the networks loaded between the examples.
  if (!state.shared) await FaceNet.load();
  const facenet = await FaceNet.load();
  state.photoOf ??= photo;
  state.shared ??= await createShared(facenet, state.photoOf);
  const { photos, faces, others, crop, otherCrop, video } = state.shared;
  const [photoA, photoB, photoC] = photos as [Blob, Blob, Blob];
  const [face, probe, third] = faces as [EmbeddedFace, EmbeddedFace, EmbeddedFace];
  const gallery = await Gallery.open({ name: 'examples', facenet, storage: 'memory' });
  const enrolled = [
    await gallery.enrol({ name: 'Ada' }, face, { allow: ['low-quality'] }),
    await gallery.enrol({ name: 'Bob' }, third, { allow: ['low-quality', 'other-person'] }),
  ];
  const [person, other] = enrolled.map((result) => result.enrolled && result.person);
  // Ends endless examples after a few frames.
  const watched = new AbortController();
  const watch = facenet.watch.bind(facenet);
  facenet.watch = async function* (...given) {
    let frames = 0;
    for await (const frame of watch(...given)) {
      yield frame;
      if (++frames === 5) watched.abort(new DOMException('The example has watched five frames.', 'TimeoutError'));
    }
  };
  if (trains) {
    // The first two photos are of different people.
    state.shared.people ??= variationsOf([...state.shared.faces, ...state.shared.others]);
    for (const [i, [first, ...others]] of state.shared.people.entries()) {
      const allow = ['other-person', 'not-this-person'] as const;
      const result = await gallery.enrol({ name: `person ${i}` }, first as EmbeddedFace, { allow });
      if (!result.enrolled) throw new Error(`person ${i} was not enrolled`);
      for (const face of others) await gallery.enrol({ id: result.person.id }, face, { allow });
    }
  }
  Object.assign(globalThis, {
    ...{ facenet, gallery, video, face, probe, faces, newFaces: others, crop, otherCrop, person, other },
    ...{ photo: photoA, photoA, photoB, photoC },
    ada: (person as { id: string }).id,
    signedUrl: async (path: string) => `/models/${path}?signature=abc`,
    file: given
      ? new File([given.text ?? (await (await fetch(given.address as string)).blob())], given.name)
      : new File([photoA], 'photo.jpg', { type: photoA.type }),
    storedFloat32Array: face.embedding,
    passphrase: 'correct horse battery staple',
    controller: new AbortController(),
    signal: AbortSignal.any([AbortSignal.timeout(trains ? 60_000 : 2000), watched.signal]),
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

  /** Slightly different embeddings of each face, as many as calibrate a head. */
  function variationsOf(faces: readonly EmbeddedFace[]) {
    return faces.map(({ embedding, model }) =>
      Array.from({ length: 32 }, (_, i) => {
        const moved = embedding.map((value, axis) => value + 0.01 * Math.sin((axis + 1) * (i + 1)));
        const length = Math.hypot(...moved);
        return { embedding: moved.map((value) => value / length), model };
      }),
    );
  }

  /** Loads a sample photo at a third of its size, to speed up detection. */
  async function small(photoOf: typeof photo, address: string): Promise<Blob> {
    const bitmap = await createImageBitmap(await photoOf(address), { resizeWidth: 640, resizeQuality: 'high' });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
  }

  async function createShared(facenet: import('../../lib/index.ts').FaceNet, photoOf: typeof photo): Promise<Shared> {
    const photos = await Promise.all([1, 6, 2].map((i) => small(photoOf, `/photos/sample${i}.jpg`)));
    const [first, second] = photos as [Blob, Blob];
    // README.md begins with the images of a page.
    for (const shown of [first, second]) {
      const image = Object.assign(new Image(), { src: URL.createObjectURL(shown) });
      await image.decode();
      document.body.append(image);
    }
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
    const otherCrop = await facenet.align(first, faces[1] as EmbeddedFace);
    return { photos, faces, others: await facenet.embed(second), crop, otherCrop, video };
  }
}
