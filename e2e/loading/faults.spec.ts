import type { Page, Worker } from 'playwright/test';
import { launchChromium } from '../../scripts/kit/browser.ts';
import { heldTensors } from '../../scripts/kit/memory.ts';
import { expect, importLibrary, openLibrary, test } from '../support/library.ts';
import { Tab } from '../support/tab.ts';

declare global {
  /** What the tests of this file share in the page. */
  var faults: {
    facenet: import('../../lib/index.ts').FaceNet;
    /** A small picture of one face, and how to embed it with little work. */
    still: ImageData;
    quick: { thorough: false; minSize: number; maxFaces: number };
    codeOf(call: Promise<unknown>): Promise<string>;
  };
  var loseGraphics: () => Promise<void>;
  var killWorker: () => Promise<void>;
}

type Evaluating = Pick<Page, 'evaluate'>;

/** Loads the library with little to do, and cuts a small picture of one face. */
async function prepare(page: Evaluating, options: import('../../lib/index.ts').LoadOptions = {}): Promise<void> {
  await page.evaluate(async (options) => {
    const quick = { thorough: false, minSize: 60, maxFaces: 1 } as const;
    const small = new OffscreenCanvas(192, 192);
    const context = small.getContext('2d') as OffscreenCanvasRenderingContext2D;
    // One face of the first sample photo.
    context.drawImage(await createImageBitmap(await photo('/photos/sample1.jpg')), 1357, 150, 400, 400, 0, 0, 192, 192);
    const still = context.getImageData(0, 0, 192, 192);
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', ...options });
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => 'no error',
        (error) => (error instanceof library.FaceNetError ? error.code : String(error)),
      );
    globalThis.faults = { facenet, still, quick, codeOf };
  }, options);
}

/** A canvas's frames as a camera's, which can be covered, turned, resized, silenced and unplugged. */
async function startCamera(page: Evaluating): Promise<void> {
  await page.evaluate(async () => {
    const face = await createImageBitmap(faults.still);
    // Chromium's stand-in for a camera: it ends as an unplugged one does, and takes frames of any size.
    const Generator = (globalThis as unknown as { MediaStreamTrackGenerator: new (init: object) => MediaStreamTrack })
      .MediaStreamTrackGenerator;
    const track = new Generator({ kind: 'video' }) as MediaStreamTrack & { writable: WritableStream<VideoFrame> };
    const writer = track.writable.getWriter();
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    const camera = { width: 320, height: 240, dark: false, silent: false };
    const draw = () => {
      if (camera.silent) return;
      Object.assign(canvas, { width: camera.width, height: camera.height });
      const side = Math.min(camera.width, camera.height) * 0.9;
      if (!camera.dark) context.drawImage(face, (camera.width - side) / 2, (camera.height - side) / 2, side, side);
      writer.write(new VideoFrame(canvas, { timestamp: performance.now() * 1000 })).catch(() => {});
    };
    const timer = setInterval(draw, 50);
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    draw();
    await video.play();
    const unplug = () => {
      clearInterval(timer);
      writer.close();
    };
    Object.assign(globalThis, { camera: { settings: camera, video, unplug } });
  });
}

declare global {
  var camera: {
    settings: { width: number; height: number; dark: boolean; silent: boolean };
    video: HTMLVideoElement;
    unplug(): void;
  };
}

/** Runs in the worker or on the page, wherever the graphics are: takes them away. */
function takeGraphicsAway(): void {
  interface Graphics {
    webgl?: { gpgpu: { gl: WebGL2RenderingContext } };
    webgpu?: { device: GPUDevice };
  }
  const { facenetTensorFlow } = globalThis as unknown as {
    facenetTensorFlow: Record<string, { _tfengine?: { registry: Graphics } }>;
  };
  for (const { _tfengine } of Object.values(facenetTensorFlow)) {
    const { webgl, webgpu } = _tfengine?.registry ?? {};
    webgl?.gpgpu.gl.getExtension('WEBGL_lose_context')?.loseContext();
    webgpu?.device.destroy();
  }
}

/** Loses the graphics in the middle of a video, and says what its watcher and a call under way noticed of it. */
async function loseInMidVideo(page: Page, backend: 'webgl' | 'webgpu') {
  // A processor that stands in for the graphics is slow.
  test.slow();
  await prepare(page, { backend });
  await startCamera(page);
  await page.exposeFunction('loseGraphics', async () => {
    await page.workers()[0]?.evaluate(takeGraphicsAway);
  });
  return page.evaluate(async () => {
    const { facenet, still, quick } = faults;
    const [before] = await facenet.embed(still, quick);
    const first = facenet.backend.name;
    const ids = new Set<number>();
    let lost: Promise<void> | undefined;
    let during: ReturnType<typeof facenet.embed> | undefined;
    let after = 0;
    for await (const { faces } of facenet.watch(camera.video, quick)) {
      for (const { id } of faces) ids.add(id);
      if (!lost && faces[0]?.template) {
        during = facenet.embed(still, quick);
        lost = loseGraphics();
      }
      if (facenet.backend.name !== first && faces.length > 0 && ++after === 3) break;
    }
    await lost;
    const [same] = (await during) ?? [];
    const { distance } = facenet.compare(before as NonNullable<typeof before>, same as NonNullable<typeof same>);
    const { backend, execution } = facenet;
    await facenet.dispose();
    camera.unplug();
    return { first, backend, execution: execution.name, ids: [...ids], distance };
  });
}

test('a WebGL context lost in mid-video: WebAssembly takes over and answers for the same picture', async ({ page }) => {
  const { first, backend, ids, execution, distance } = await loseInMidVideo(page, 'webgl');
  expect({ first, execution, ids }).toEqual({ first: 'webgl', execution: 'worker', ids: [0] });
  expect(distance).toBeLessThan(0.01);
  expect(backend.name).toBe('wasm');
  expect(backend.rejected).toContainEqual({ name: 'webgl', reason: 'its WebGL context was lost' });
});

test('a WebGL context lost on the page leaves no tensor behind, and another can be had', async ({ page }) => {
  test.slow();
  await prepare(page, { backend: 'webgl', worker: false });
  const lost = await page.evaluate(async (text) => {
    const { facenet, still, quick } = faults;
    const crop = new ImageData(150, 150);
    const calls = [facenet.embedCrop(crop), facenet.embed(still, quick), facenet.embedCrop(crop)];
    setTimeout(() => new Function(`(${text})()`)(), 50);
    await Promise.all(calls);
    const { backend } = facenet;
    await facenet.dispose();
    return backend.name;
  }, takeGraphicsAway.toString());
  expect(lost).toBe('wasm');
  await expect.poll(() => heldTensors(page)).toBe(0);
  await prepare(page, { backend: 'webgl', worker: false });
  expect(await page.evaluate(() => faults.facenet.backend.name)).toBe('webgl');
});

test('a WebGPU device lost in mid-video: the next backend takes over and answers for the same picture', async ({
  server,
}) => {
  const browser = await launchChromium(['--enable-unsafe-webgpu']);
  try {
    const page = await browser.newPage();
    await openLibrary(page, server);
    const adapter = await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) !== null);
    test.skip(!adapter, 'this machine gives Chromium no WebGPU adapter');
    const { first, backend, ids, distance } = await loseInMidVideo(page, 'webgpu');
    expect({ first, ids }).toEqual({ first: 'webgpu', ids: [0] });
    expect(distance).toBeLessThan(0.01);
    expect(backend.rejected).toContainEqual({
      name: 'webgpu',
      reason: expect.stringContaining('WebGPU device was lost'),
    });
  } finally {
    await browser.close();
  }
});

test('a killed worker is started again: what can be read again is answered, the rest is told, a video goes on', async ({
  page,
}) => {
  await prepare(page);
  await startCamera(page);
  let restarted = 0;
  page.on('worker', () => restarted++);
  const killed = new Set<Worker>();
  await page.exposeFunction('killWorker', async () => {
    const worker =
      page.workers().find((one) => !killed.has(one)) ?? (await page.waitForEvent('worker', { timeout: 60_000 }));
    killed.add(worker);
    // Before it holds its lock, only time tells: that has a test of its own.
    await expect
      .poll(() => worker.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name)))
      .toContainEqual(expect.stringContaining('facenet-web worker'));
    // It ends without a word, as one that the browser kills.
    await worker.evaluate(() => self.close()).catch(() => {});
  });
  const seen = await page.evaluate(async () => {
    const { facenet, still, quick, codeOf } = faults;
    const [before] = await facenet.embed(still, quick);
    const blob = await photo('/photos/sample1.jpg');
    const canvas = new OffscreenCanvas(1920, 1280);
    canvas.getContext('2d')?.drawImage(await createImageBitmap(blob), 0, 0);

    const busy = [facenet.embed(blob), facenet.embed(still, quick), codeOf(facenet.embed(canvas))] as const;
    await killWorker();
    const [photoFaces, [after], canvasCode] = await Promise.all(busy);
    const { distance } = facenet.compare(before as NonNullable<typeof before>, after as NonNullable<typeof after>);

    // It dies while nobody asks anything: the next who does notices nothing.
    await killWorker();
    const idle = (await facenet.embed(still, quick)).length;

    const ids = new Set<number>();
    let killed: Promise<void> | undefined;
    let frames = 0;
    for await (const { faces } of facenet.watch(camera.video, quick)) {
      for (const { id } of faces) ids.add(id);
      if (!killed && faces[0]?.template) killed = killWorker();
      if (killed && faces.length > 0 && ++frames === 5) break;
    }
    await killed;
    camera.unplug();
    // Whatever of the video the killed one still answered, this the next one did.
    await facenet.embed(still, quick);
    return { faces: photoFaces.length, canvasCode, distance, idle, ids: [...ids] };
  });
  expect(seen).toEqual({ faces: 3, canvasCode: 'worker-lost', distance: expect.any(Number), idle: 1, ids: [0] });
  expect(seen.distance).toBeLessThan(1e-3);
  expect(restarted).toBe(3);

  // One that dies before it has answered anything is not started a second time.
  const ends = await page.evaluate(async () => {
    const { facenet, still, quick, codeOf } = faults;
    await killWorker();
    await killWorker();
    const codes = [await codeOf(facenet.embed(still, quick)), await codeOf(facenet.embed(still, quick))];
    await facenet.dispose();
    const another = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const faces = await another.embed(still, quick);
    await another.dispose();
    return [...codes, faces.length];
  });
  expect(ends).toEqual(['backend-unavailable', 'backend-unavailable', 1]);
});

for (const [when, script, reason] of [
  ['before its first word', 'self.close();', 'no worker started (it was silent for 60 seconds)'],
  [
    'before it holds its lock',
    "postMessage({ type: 'ready' }); self.close();",
    'the worker stopped (it held no lock after 60 seconds)',
  ],
] as const) {
  test(`a worker that is killed ${when} is given up after a minute, and the page does the work`, async ({ page }) => {
    await page.clock.install();
    await page.route('**/dist/worker.js', async (route) => {
      await route.fulfill({ response: await route.fetch(), body: script });
    });
    const ended = page.waitForEvent('worker').then((worker) => worker.waitForEvent('close'));
    const loading = prepare(page);
    await ended;
    await page.clock.runFor(61_000);
    await loading;
    const seen = await page.evaluate(async () => {
      const { facenet, still, quick } = faults;
      return { execution: facenet.execution, faces: (await facenet.embed(still, quick)).length };
    });
    expect(seen).toEqual({ execution: { name: 'page', reason }, faces: 1 });
  });
}

test('a server that falls silent is given up after 30 seconds, and an abort need not wait for that', async ({
  page,
}) => {
  await page.clock.install();
  const stalled: string[] = [];
  const load = (models: string) =>
    page.evaluate(async (models) => {
      const controller = new AbortController();
      const loading = library.FaceNet.load({ models, worker: false, signal: controller.signal });
      Object.assign(globalThis, { controller });
      return loading.then(
        () => 'no error',
        (error) => (error instanceof library.FaceNetError ? `${error.code}: ${error.message}` : String(error)),
      );
    }, models);
  for (const file of ['**/models/manifest.json', '**/models/dlib-resnet-34/weights.bin*']) {
    // Never answered.
    await page.route(file, (route) => void stalled.push(route.request().url()));
    const before = stalled.length;
    const given = load('/models/');
    await expect.poll(() => stalled.length).toBeGreaterThan(before);
    await page.clock.fastForward(31_000);
    expect(await given).toMatch(/^model-missing: .*sent nothing for 30 seconds/);

    const aborted = load('/models/');
    await expect.poll(() => stalled.length).toBeGreaterThan(before + 1);
    await page.evaluate(() => (globalThis as unknown as { controller: AbortController }).controller.abort('enough'));
    expect(await aborted).toBe('enough');
    await page.unroute(file);
  }
});

test('a cache that is half filled, or full, costs downloads and nothing else', async ({ page, context }) => {
  await prepare(page);
  const fetched: string[] = [];
  page.on('response', (response) => fetched.push(new URL(response.url()).pathname));
  const again = async () => {
    fetched.length = 0;
    return page.evaluate(async () => {
      const { facenet, still, quick } = faults;
      await facenet.dispose();
      faults.facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
      return (await faults.facenet.embed(still, quick)).length;
    });
  };
  // What was fetched is kept when it is disposed, if not before.
  expect(await again()).toBe(1);
  const entries = await page.evaluate(async () => {
    const cache = await caches.open('facenet-web-models');
    const keys = await cache.keys();
    for (const [i, key] of keys.entries()) {
      // A third is gone, a third broke off while it was written.
      if (i % 3 === 0) await cache.delete(key);
      else if (i % 3 === 1) {
        const bytes = await ((await cache.match(key)) as Response).arrayBuffer();
        await cache.put(key, new Response(bytes.slice(0, bytes.byteLength / 2)));
      }
    }
    return keys.length;
  });
  expect(await again()).toBe(1);
  const repaired = fetched.filter((path) => path.startsWith('/models/') && !path.endsWith('manifest.json'));
  expect(repaired.length).toBeGreaterThan(0);
  expect(repaired.length).toBeLessThan(entries);
  expect(await again()).toBe(1);
  expect(fetched.filter((path) => path.startsWith('/models/'))).toEqual(['/models/manifest.json']);

  const session = await context.newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await page.evaluate(() => caches.delete('facenet-web-models'));
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
  expect(await again()).toBe(1);
  expect(await again(), 'nothing could be kept').toBe(1);
  expect(fetched.filter((path) => path.startsWith('/models/')).length).toBeGreaterThan(1);
  await session.send('Storage.overrideQuotaForOrigin', { origin });
});

test('a camera that is covered, silent, turned, resized and unplugged: the face keeps its id', async ({ page }) => {
  await prepare(page);
  await startCamera(page);
  const story = await page.evaluate(async () => {
    const { facenet, quick } = faults;
    const { settings, video, unplug } = camera;
    const told: string[] = [];
    const seen = (faces: readonly { id: number }[]) => faces.map(({ id }) => id).join();
    const portrait = () => video.videoWidth < video.videoHeight;
    // Each step waits for what it says, and then does something to the camera.
    const steps: [string, (ids: string) => boolean, () => void][] = [
      ['seen', (ids) => ids === '0', () => Object.assign(settings, { dark: true })],
      ['covered', (ids) => ids === '', () => Object.assign(settings, { dark: false })],
      [
        'uncovered',
        (ids) => ids === '0',
        () => {
          settings.silent = true;
          setTimeout(() => Object.assign(settings, { silent: false }), 1500);
        },
      ],
      ['after silence', (ids) => ids === '0', () => Object.assign(settings, { width: 240, height: 320 })],
      ['turned', (ids) => ids === '0' && portrait(), () => Object.assign(settings, { width: 640, height: 480 })],
      [
        'larger',
        (ids) => ids === '0' && video.videoWidth === 640,
        () => Object.assign(settings, { width: 200, height: 150 }),
      ],
      ['smaller', (ids) => ids === '0' && video.videoWidth === 200, unplug],
    ];
    let templates = 0;
    for await (const { faces } of facenet.watch(video, quick)) {
      templates = Math.max(templates, faces[0]?.template?.frames ?? 0);
      const [step] = steps;
      // A face that was never embedded could not be known again.
      if (!step || templates === 0 || !step[1](seen(faces))) continue;
      told.push(step[0]);
      step[2]();
      steps.shift();
    }
    return told;
  });
  expect(story).toEqual(['seen', 'covered', 'uncovered', 'after silence', 'turned', 'larger', 'smaller']);
});

test('a camera whose track the browser mutes: the video waits, and the face keeps its id', async ({ page }) => {
  await prepare(page);
  await startCamera(page);
  const story = await page.evaluate(async () => {
    const { facenet, quick } = faults;
    // A track that comes by WebRTC from this page to itself is one that a browser does mute, when nothing is sent any more.
    const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
    near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate);
    far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate);
    const negotiate = async () => {
      await near.setLocalDescription();
      await far.setRemoteDescription(near.localDescription as RTCSessionDescription);
      await far.setLocalDescription();
      await near.setRemoteDescription(far.localDescription as RTCSessionDescription);
    };
    const source = camera.video.srcObject as MediaStream;
    const transceiver = near.addTransceiver(source.getVideoTracks()[0] as MediaStreamTrack, { direction: 'sendonly' });
    const arrived = new Promise<MediaStreamTrack>((resolve) => {
      far.ontrack = ({ track }) => resolve(track);
    });
    await negotiate();
    const track = await arrived;
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    await video.play();
    const told: string[] = [];
    const ids = new Set<number>();
    track.addEventListener('mute', () => {
      told.push(`muted ${track.muted}`);
      setTimeout(() => {
        transceiver.direction = 'sendonly';
        negotiate();
      }, 1500);
    });
    let [seen, after] = [0, 0];
    for await (const { faces } of facenet.watch(video, quick)) {
      for (const { id } of faces) ids.add(id);
      if (!faces[0]?.template) continue;
      if (told.length === 0 && ++seen === 3) {
        track.addEventListener('unmute', () => told.push(`unmuted ${!track.muted}`));
        transceiver.direction = 'inactive';
        await negotiate();
      }
      if (told.length === 2 && ++after === 5) break;
    }
    near.close();
    far.close();
    camera.unplug();
    return { told, ids: [...ids] };
  });
  expect(story).toEqual({ told: ['muted true', 'unmuted true'], ids: [0] });
});

/** Watches in the background, and counts. */
async function watchAside(page: Evaluating) {
  await page.evaluate(() => {
    const { facenet, quick } = faults;
    const ids = new Set<number>();
    const progress = { frames: 0, ids, error: '' };
    Object.assign(globalThis, { progress });
    (async () => {
      for await (const { faces } of facenet.watch(camera.video, quick)) {
        for (const { id } of faces) ids.add(id);
        if (faces[0]?.template) progress.frames++;
      }
    })().catch((error) => {
      progress.error = String(error);
    });
  });
  return () =>
    page.evaluate(() => {
      const { frames, ids, error } = (
        globalThis as unknown as { progress: { frames: number; ids: Set<number>; error: string } }
      ).progress;
      return { frames, ids: [...ids], error, visibility: document.visibilityState };
    });
}

test('a tab that is hidden and shown: calls are answered meanwhile, and the video goes on where it was', async ({
  server,
}) => {
  const browser = await launchChromium();
  try {
    const tab = await Tab.open(browser, server.url);
    await tab.evaluate(importLibrary, true);
    await prepare(tab);
    await startCamera(tab);
    const progress = await watchAside(tab);
    await expect.poll(async () => (await progress()).frames).toBeGreaterThan(2);
    expect((await progress()).visibility).toBe('visible');
    await tab.hide();
    await expect.poll(async () => (await progress()).visibility).toBe('hidden');
    const answers = await tab.evaluate(async () => {
      const { facenet, still, quick } = faults;
      return (await facenet.embed(still, quick)).length;
    });
    expect(answers).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect((await progress()).visibility).toBe('hidden');
    await tab.show();
    await expect.poll(async () => (await progress()).visibility).toBe('visible');
    const before = await progress();
    await expect.poll(async () => (await progress()).frames).toBeGreaterThan(before.frames + 2);
    expect(await progress()).toMatchObject({ ids: [0], error: '' });
  } finally {
    await browser.close();
  }
});

test('a page that is frozen in the middle of a video and a call goes on where it was', async ({ page, context }) => {
  await prepare(page);
  await startCamera(page);
  const progress = await watchAside(page);
  await expect.poll(async () => (await progress()).frames).toBeGreaterThan(2);
  await page.evaluate(async () => {
    const { facenet, still, quick } = faults;
    Object.assign(globalThis, { waiting: facenet.embed(still, quick) });
  });
  const session = await context.newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  const before = await progress();
  const answer = await page.evaluate(
    async () => (await (globalThis as unknown as { waiting: Promise<unknown[]> }).waiting).length,
  );
  expect(answer).toBe(1);
  await expect.poll(async () => (await progress()).frames).toBeGreaterThan(before.frames + 2);
  expect(await progress()).toMatchObject({ ids: [0], error: '' });
});

test('clocks that jump forward and back change no id, and stop nothing', async ({ page }) => {
  await prepare(page);
  await startCamera(page);
  const { ids, told, known } = await page.evaluate(async () => {
    const { facenet, quick } = faults;
    const { Gallery } = (await import('/dist/gallery.js' as string)) as typeof import('../../lib/gallery/index.ts');
    const gallery = await Gallery.open({ name: 'clock', facenet, storage: 'memory' });
    const [face] = await facenet.embed(faults.still, quick);
    await gallery.enrol({ name: 'Ada' }, face as NonNullable<typeof face>);
    let jump = 0;
    const now = performance.now.bind(performance);
    const { now: date } = Date;
    performance.now = () => now() + jump;
    Date.now = () => date() + jump;
    const hour = 3_600_000;
    const jumps = [hour, 0, -hour, 2 * hour];
    const ids = new Set<number>();
    const told: number[] = [];
    let frames = 0;
    let samples = 0;
    let known = '';
    for await (const { faces, time } of facenet.watch(camera.video, { ...quick, gallery })) {
      for (const { id, identity } of faces) {
        ids.add(id);
        if (identity?.status === 'known') known = identity.person.name;
      }
      frames = faces.length > 0 ? frames + 1 : 0;
      samples = Math.max(samples, faces[0]?.template?.frames ?? 0);
      if (frames < 5 || samples === 0) continue;
      told.push(Math.round((time - now()) / hour) + 0);
      frames = 0;
      if (jumps.length === 0) break;
      jump = jumps.shift() as number;
    }
    camera.unplug();
    return { ids: [...ids], told, known };
  });
  expect({ ids, told, known }).toEqual({ ids: [0], told: [0, 1, 0, -1, 2], known: 'Ada' });
});

test('200 calls at once are all answered, alike', async ({ page }) => {
  await prepare(page);
  const { answers, spread, pending } = await page.evaluate(async () => {
    const { facenet, still, quick } = faults;
    const bitmap = await createImageBitmap(still);
    const canvas = new OffscreenCanvas(192, 192);
    canvas.getContext('2d')?.putImageData(still, 0, 0);
    const sources = [still, bitmap, canvas];
    const [face] = await facenet.detect(still, quick);
    const known = face as NonNullable<typeof face>;
    const embedded = await Promise.all(
      Array.from({ length: 200 }, (_, i) => facenet.embed(sources[i % 3] as ImageBitmap, known)),
    );
    const distances = embedded.map((one) => facenet.compare(one, embedded[0] as typeof one).distance);
    await facenet.dispose();
    return { answers: embedded.length, spread: Math.max(...distances), pending: bitmap.width };
  });
  expect({ answers, pending }).toEqual({ answers: 200, pending: 192 });
  expect(spread).toBeLessThan(1e-3);
});

test('two copies of the library on one page work side by side, in workers and on the page', async ({ page }) => {
  const faces = await page.evaluate(async () => {
    const second = (await import('/second/facenet-web.js' as string)) as typeof library;
    if (second.FaceNet === library.FaceNet) throw new Error('this is one copy');
    const blob = await photo('/photos/sample1.jpg');
    const counts: number[] = [];
    for (const worker of [true, false]) {
      // Without SIMD the networks run on TensorFlow.js, which keeps what it has in globals.
      if (!worker) WebAssembly.validate = () => false;
      const facenets = await Promise.all(
        [library, second, library, second].map(({ FaceNet }, i) =>
          FaceNet.load({ models: '/models/', worker, preset: i < 2 ? 'fast' : 'balanced' }),
        ),
      );
      const { facenetTensorFlow = {} } = globalThis as { facenetTensorFlow?: Record<string, { _tfengine?: object }> };
      const engines = Object.values(facenetTensorFlow).filter(({ _tfengine }) => _tfengine);
      if (!worker && engines.length !== 2) throw new Error('they share their TensorFlow.js');
      const embedded = await Promise.all(facenets.map((facenet) => facenet.embed(blob, { thorough: false })));
      const [ours, theirs] = embedded as [(typeof embedded)[0], (typeof embedded)[0]];
      counts.push(...embedded.map(({ length }) => length));
      // What one made, the other understands.
      const verdict = (facenets[1] as (typeof facenets)[0]).compare(ours[0] as never, theirs[0] as never);
      if (verdict.distance > 1e-3) throw new Error(`their embeddings differ by ${verdict.distance}`);
      await Promise.all(facenets.map((facenet) => facenet.dispose()));
    }
    // What both have of the page: the gallery's database, where each sees what the other wrote, and the element's name.
    const galleries = await Promise.all(
      ['/dist', '/second'].map(async (copy) => {
        const { Gallery } = (await import(`${copy}/gallery.js`)) as typeof import('../../lib/gallery/index.ts');
        await import(`${copy}/element.js`);
        return Gallery;
      }),
    );
    if (galleries[0] === galleries[1]) throw new Error('this is one copy of the gallery');
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const [face] = await facenet.embed(blob, { thorough: false });
    const opened = await Promise.all(galleries.map((Gallery) => Gallery.open({ name: 'shared', facenet })));
    const [mine, other] = opened as [(typeof opened)[0], (typeof opened)[0]];
    await mine.enrol({ name: 'Ada' }, face as NonNullable<typeof face>);
    const { match } = await other.identify(face as NonNullable<typeof face>);
    await other.rename(match?.person.id ?? '', 'Ada Lovelace');
    const [person] = await mine.list();
    if (person?.name !== 'Ada Lovelace') throw new Error(`one copy does not see what the other wrote: ${person?.name}`);
    await other.close();
    await mine.erase();
    await facenet.dispose();
    return counts;
  });
  expect(faces).toEqual(Array(8).fill(3));
  await expect.poll(() => heldTensors(page)).toBe(0);
});

/**
 * How often an abort came too late, at most: all was done but for handing over the answer. Elsewhere none may: where steps are counted
 * each of them is heard. What a worker does, and a video, is aborted at moments, of which one may be the very end. A library that did
 * not listen would be too late at every step.
 */
const latest: Record<string, number> = { inWorker: 2, watch: 1 };

test('an abort at whichever step of a load, a call, a video, a training or a gallery’s change is told by its reason, and leaves nothing half done', async ({
  page,
}) => {
  test.slow();
  await prepare(page, { worker: false });
  await startCamera(page);
  const told = await page.evaluate(async () => {
    const { facenet, still, quick, codeOf } = faults;
    const { Gallery } = (await import('/dist/gallery.js' as string)) as typeof import('../../lib/gallery/index.ts');
    const { trainHead } = (await import('/dist/training.js' as string)) as typeof import('../../lib/training/index.ts');
    const { clusterFaces } = (await import(
      '/dist/clustering.js' as string
    )) as typeof import('../../lib/clustering/index.ts');
    const { Liveness } = (await import('/dist/liveness.js' as string)) as typeof import('../../lib/liveness/index.ts');
    const elsewhere = await library.FaceNet.load({ models: '/models/', preset: 'fast', worker: true });
    const reason = new Error('changed my mind');
    let steps = 0;
    let at = Number.POSITIVE_INFINITY;
    let controller = new AbortController();
    const step = () => {
      if (steps++ === at) controller.abort(reason);
    };
    // Whatever an abortable call waits for comes by one of these: each that is over is a step. (What was fetched is put into the cache
    // when nobody waits, and would count in whatever is under way then.)
    const counted = <T extends object>(owner: T, name: keyof T) => {
      const original = owner[name] as (...given: unknown[]) => unknown;
      owner[name] = function (this: unknown, ...given: unknown[]) {
        const result = original.apply(this, given);
        if (!(result instanceof Promise)) return result;
        return result.finally(step);
      } as T[keyof T];
    };
    counted(globalThis, 'fetch');
    counted(globalThis, 'createImageBitmap');
    counted(CacheStorage.prototype, 'open');
    counted(Cache.prototype, 'match');
    counted(SubtleCrypto.prototype, 'digest');
    counted(SubtleCrypto.prototype, 'encrypt');
    counted(SubtleCrypto.prototype, 'decrypt');
    counted(SubtleCrypto.prototype, 'importKey');
    counted(SubtleCrypto.prototype, 'deriveKey');
    counted(SubtleCrypto.prototype, 'deriveBits');
    counted(Blob.prototype, 'text');
    counted(ReadableStreamDefaultReader.prototype, 'read');
    counted(Response.prototype, 'text');
    counted(Response.prototype, 'arrayBuffer');
    // Each time that the library asks is one too: where work was short, it asks without having waited.
    const { throwIfAborted } = AbortSignal.prototype;
    AbortSignal.prototype.throwIfAborted = function () {
      step();
      throwIfAborted.call(this);
    };
    const { postMessage } = MessagePort.prototype;
    MessagePort.prototype.postMessage = function (...given: [unknown]) {
      step();
      return postMessage.apply(this, given);
    };
    // Of IndexedDB, each request that is answered is a step.
    for (const name of ['get', 'getAll', 'getAllKeys', 'put'] as const) {
      const original = IDBObjectStore.prototype[name] as (...given: unknown[]) => IDBRequest;
      IDBObjectStore.prototype[name] = function (this: IDBObjectStore, ...given: unknown[]) {
        const request = original.apply(this, given);
        request.addEventListener('success', step);
        return request;
      } as never;
    }

    const small = await photo('/photos/sample1.jpg');
    const [face] = await facenet.embed(still, quick);
    const gallery = await Gallery.open({ name: 'steps', facenet, passphrase: 'sesame' });
    const taken = await Gallery.open({ name: 'taken', facenet, storage: 'memory' });
    const given = await Gallery.open({ name: 'given', facenet, passphrase: 'sesame' });
    for (let i = 0; i < 3; i++) await taken.enrol({ name: 'Bob' }, face as never, { allow: ['other-person'] });
    const file = await taken.export({ passphrase: 'sesame' });
    const changed = await Gallery.open({ name: 'changed', facenet, passphrase: 'old' });
    let passphrases = ['old', 'new'];
    const pile = Array.from({ length: 260 }, () => face as NonNullable<typeof face>);
    const normal = () => Array.from({ length: 6 }, Math.random).reduce((sum, value) => sum + value - 0.5, 0);
    const examples = Array.from({ length: 40 }, (_, i) => ({
      embedding: Float32Array.from({ length: 16 }, (_, at) => Number(at === i % 8) + normal() / 4),
      model: 'made-up',
      person: i % 8,
    }));
    // What happens in a worker cannot be counted from here: moments are.
    const atMoments = async (work: Promise<unknown>) => {
      const timer = setInterval(step, 10);
      return work.finally(() => clearInterval(timer));
    };
    let people = 0;
    let imported = 0;
    const works: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
      load: async (signal) => {
        const options = { models: '/models/', preset: 'fast', worker: false, embedder: 'dlib-resnet-34' } as const;
        const loaded = await library.FaceNet.load({ ...options, signal });
        // The dispose is no part of the load.
        at = Number.POSITIVE_INFINITY;
        await loaded.dispose();
      },
      embed: (signal) => facenet.embed(small, { ...quick, minSize: 150, signal }),
      stages: async (signal) => {
        const found = await facenet.detect(still, { ...quick, signal });
        const [marked] = await facenet.landmarks(still, found, { signal });
        const crop = await facenet.align(still, marked as NonNullable<typeof marked>, { signal });
        await facenet.embedCrop(crop, { signal });
      },
      watch: async (signal) => {
        let seen = 0;
        for await (const { faces } of facenet.watch(camera.video, { ...quick, signal })) {
          if (faces[0]?.template && ++seen === 2) return;
        }
      },
      identify: async (signal) => {
        // What another instance wrote is read anew.
        const reader = await Gallery.open({ name: 'steps', facenet, passphrase: 'sesame', signal });
        try {
          await reader.identify(face as never, { signal });
        } finally {
          await reader.close();
        }
      },
      passphrase: (signal) => changed.changePassphrase(...(passphrases as [string, string]), { signal }),
      export: (signal) => taken.export({ passphrase: 'sesame', signal }),
      cluster: (signal) => clusterFaces(pile, facenet, { signal }),
      liveness: async (signal) => {
        const liveness = await Liveness.load({ models: '/models/', signal });
        try {
          await liveness.score(still, face as NonNullable<typeof face>, { signal });
        } finally {
          await liveness.dispose();
        }
      },
      enrol: (signal) => gallery.enrol({ name: 'Ada' }, face as never, { allow: ['other-person'], signal }),
      import: (signal) => given.import(file, { passphrase: 'sesame', signal }),
      train: async (signal) =>
        (await trainHead(examples, { worker: false, epochs: 12, patience: 12, signal })).dispose(),
      inWorker: (signal) => atMoments(elsewhere.embed(small, { ...quick, minSize: 150, signal })),
    };
    const wrong: string[] = [];
    const counts: Record<string, number> = {};
    const late: Record<string, number> = {};
    for (const [name, work] of Object.entries(works)) {
      late[name] = 0;
      for (let k = 0; ; k++) {
        [steps, at] = [0, k];
        controller = new AbortController();
        const outcome = await work(controller.signal).then(
          () => 'done',
          (error) => error,
        );
        at = Number.POSITIVE_INFINITY;
        const { aborted } = controller.signal;
        if (outcome === 'done' && aborted) late[name]++;
        else if (outcome !== reason && outcome !== 'done') wrong.push(`${name} at step ${k}: ${outcome}`);
        // One more where that was told; where it was aborted one more or none, and whole.
        const now = await gallery.list();
        const enrolled = now.length - people;
        if (enrolled > 1 || enrolled < (name === 'enrol' && outcome === 'done' ? 1 : 0)) {
          wrong.push(`enrol at step ${k}: ${enrolled} more`);
        }
        if (!now.every(({ templates }) => templates.length === 1))
          wrong.push(`enrol at step ${k}: a person is not whole`);
        people = now.length;
        const guests = (await given.list()).length;
        if (guests !== 0 && guests !== 3) wrong.push(`import at step ${k}: ${guests} of 3 people`);
        if (name === 'import' && outcome === 'done' && guests !== 3) wrong.push(`import at step ${k}: not taken in`);
        if (guests === 3) imported++;
        if (name === 'passphrase') {
          // One of the two opens it, and the other does not; which it is, an aborted change leaves as it was.
          await changed.lock();
          const opens = async (passphrase: string) => (await codeOf(changed.unlock(passphrase))) === 'no error';
          const before = await opens(passphrases[0] as string);
          const after = !before && (await opens(passphrases[1] as string));
          if (before === after) wrong.push(`passphrase at step ${k}: neither opens it`);
          if (outcome === 'done' && !after) wrong.push(`passphrase at step ${k}: not changed`);
          if (after) passphrases = passphrases.toReversed();
        }
        for (const { id } of await given.list()) await given.remove(id);
        if (outcome === 'done' && !aborted) {
          counts[name] = k;
          break;
        }
        if (k > 400) throw new Error(`${name} never ends`);
      }
    }
    at = Number.POSITIVE_INFINITY;
    const faces = await facenet.embed(still, quick);
    const { match } = await gallery.identify(faces[0] as never);
    for (const one of [gallery, taken, given, changed]) await one.erase();
    camera.unplug();
    await elsewhere.dispose();
    await facenet.dispose();
    return { wrong, counts, late, imported, faces: faces.length, match: match?.person.name };
  });
  test.info().annotations.push({ type: 'steps', description: JSON.stringify(told) });
  expect(told).toMatchObject({ wrong: [], faces: 1, match: 'Ada' });
  expect(told.imported).toBeGreaterThan(0);
  for (const [name, count] of Object.entries(told.late)) {
    expect(count, `${name}: ${JSON.stringify(told)}`).toBeLessThanOrEqual(latest[name] ?? 0);
  }
  // There were steps to abort at.
  for (const count of Object.values(told.counts)) expect(count).toBeGreaterThan(2);
  expect(told.counts.load).toBeGreaterThan(8);
  await expect.poll(() => heldTensors(page)).toBe(0);
});
