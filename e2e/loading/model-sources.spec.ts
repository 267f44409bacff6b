import type { ReadModelFile } from '../../lib/index.ts';
import { expect, test } from '../support/library.ts';

test('sends the query of the models folder for every file, and caches the files without it', async ({ page }) => {
  const requested: URL[] = [];
  page.context().on('request', (request) => requested.push(new URL(request.url())));
  const load = (models: string) =>
    page.evaluate(async (models) => {
      try {
        const facenet = await library.FaceNet.load({ models, preset: 'fast' });
        await facenet.persist();
        await facenet.dispose();
        return 'loaded';
      } catch (error) {
        return String(error);
      }
    }, models);
  const filesOf = (token: string) => {
    const files = requested.filter(({ pathname, searchParams }) => {
      return pathname.startsWith('/models/') && searchParams.get('token') === token;
    });
    return files.map(({ pathname }) => pathname);
  };
  expect(await load('/models/?token=first')).toBe('loaded');
  expect(filesOf('first')).toContain('/models/manifest.json');
  expect(filesOf('first').length).toBe(requested.filter(({ pathname }) => pathname.startsWith('/models/')).length);
  expect(filesOf('first').length).toBeGreaterThan(5);
  expect(await load('/models/?token=second')).toBe('loaded');
  expect(filesOf('second')).toEqual(['/models/manifest.json']);
  const message = await load('/nowhere?token=third');
  expect(message).toContain('/nowhere/');
  expect(message, 'a signature is secret').not.toContain('third');
});

declare global {
  /** The paths that {@link readFile} was called with. */
  var paths: string[];
  /** Reads a model file from the server, in turn as each kind of content. */
  var readFile: ReadModelFile;
}

test('reads the files from a function, verifies them and caches them by their SHA-256', { tag: '@page' }, async ({
  page,
}) => {
  const { first, second, third, shared, progress } = await page.evaluate(async () => {
    globalThis.paths = [];
    const buffers: ArrayBuffer[] = [];
    globalThis.readFile = async (path) => {
      const kind = paths.push(path) % 4;
      const response = await fetch(`/models/${path}`);
      if (kind === 0) return response;
      if (kind === 1) return response.blob();
      const bytes = new Uint8Array(await response.arrayBuffer());
      const bundle = new Uint8Array(bytes.length + 8);
      bundle.set(bytes, 4);
      buffers.push(bytes.buffer, bundle.buffer);
      return kind === 2 ? bytes.buffer : bundle.subarray(4, 4 + bytes.length);
    };
    const progress: number[] = [];
    const load = async (models: ReadModelFile) => {
      const onProgress = (now: { progress: number }) => progress.push(now.progress);
      const facenet = await library.FaceNet.load({ models, preset: 'fast', onProgress });
      const faces = await facenet.embed(await facePhoto(), quick);
      await facenet.persist();
      return { facenet, faces: faces.length, paths: paths.splice(0) };
    };
    const held = await load(readFile);
    const shared = await load(readFile);
    await Promise.all([held.facenet.dispose(), shared.facenet.dispose()]);
    const second = await load(readFile);
    const third = await load((path, options) => readFile(path, options));
    await Promise.all([second.facenet.dispose(), third.facenet.dispose()]);
    if (buffers.some(({ byteLength }) => byteLength === 0)) throw new Error('a buffer was detached');
    const counts = [held, shared, second, third].map(({ faces }) => faces);
    if (counts.some((count) => count !== 1)) throw new Error(`found ${counts}`);
    return { first: held.paths, shared: shared.paths, second: second.paths, third: third.paths, progress };
  });
  expect(first).toContain('manifest.json');
  expect(first.length).toBeGreaterThan(5);
  expect(new Set(first).size, 'each file is read once').toBe(first.length);
  expect(shared, 'equal options share one load').toEqual([]);
  expect(second).toEqual(['manifest.json']);
  expect(third, 'another function is another load').toEqual(['manifest.json']);
  expect(progress.filter((value) => value === 1).length).toBeGreaterThan(2);
});

test('rejects what a function reads wrongly, and aborts it', { tag: '@page' }, async ({ page }) => {
  const outcomes = await page.evaluate(async () => {
    const weights = (read: () => unknown) => async (path: string) =>
      path.endsWith('weights.bin') ? read() : fetch(`/models/${path}`);
    const sources: Record<string, (path: string) => unknown> = {
      throws: weights(() => {
        throw new Error('no such file');
      }),
      'throws at once': () => {
        throw new Error('no such file');
      },
      'answers 404': weights(() => new Response('', { status: 404 })),
      undefined: weights(() => undefined),
      text: weights(() => 'text'),
      'wrong bytes': weights(() => new ArrayBuffer(8)),
      'no manifest': () => new ArrayBuffer(8),
    };
    const outcomes: Record<string, string> = {};
    for (const [name, source] of Object.entries(sources)) {
      const models = [source, '/models/'] as ReadModelFile[];
      outcomes[name] = await codeOf(library.FaceNet.load({ models, preset: 'fast' }));
    }
    const controller = new AbortController();
    let aborted = false;
    const silent: ReadModelFile = (_, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      setTimeout(() => controller.abort('stop'));
      return new Promise(() => {});
    };
    const { signal } = controller;
    outcomes.aborted = await codeOf(library.FaceNet.load({ models: silent, preset: 'fast', signal }));
    if (!aborted) throw new Error('the function was not aborted');
    return outcomes;
  });
  expect(outcomes).toEqual({
    throws: 'model-missing',
    'throws at once': 'model-missing',
    'answers 404': 'model-missing',
    undefined: 'option-invalid',
    text: 'option-invalid',
    'wrong bytes': 'model-corrupt',
    'no manifest': 'manifest-invalid',
    aborted: 'stop',
  });
});
