import type { Browser } from 'playwright/test';
import { launchChromium } from '../../scripts/kit/browser.ts';
import { type Evaluating, startCamera } from '../support/camera.ts';
import { expect, importLibrary, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';
import { Tab } from '../support/tab.ts';

test('keeps the id of a face while the camera is covered, silent, turned and resized, and waits when it is unplugged', async ({
  page,
}) => {
  await loadFast(page);
  await startCamera(page);
  const reached = await page.evaluate(async () => {
    const { settings, video, unplug } = camera;
    const set = (changes: Partial<typeof settings>) => () => Object.assign(settings, changes);
    const reached: string[] = [];
    // Each step waits for its condition, and then changes the camera.
    const steps: [string, (ids: string) => boolean, () => void][] = [
      ['found', (ids) => ids === '0', set({ dark: true })],
      ['covered', (ids) => ids === '', set({ dark: false })],
      [
        'uncovered',
        (ids) => ids === '0',
        () => {
          settings.silent = true;
          setTimeout(set({ silent: false }), 500);
        },
      ],
      ['after silence', (ids) => ids === '0', set({ width: 240, height: 320 })],
      ['turned', (ids) => ids === '0' && video.videoWidth < video.videoHeight, set({ width: 640, height: 480 })],
      ['larger', (ids) => ids === '0' && video.videoWidth === 640, set({ width: 200, height: 150 })],
      ['smaller', (ids) => ids === '0' && video.videoWidth === 200, unplug],
    ];
    let frames = 0;
    for await (const { faces, state } of facenet.watch(video, quick)) {
      if (state === 'waiting') return [...reached, 'unplugged'];
      frames = Math.max(frames, faces[0]?.trackEmbedding?.frames ?? 0);
      const [step] = steps;
      // A face without an embedding could not get its id back.
      if (!step || frames === 0 || !step[1](faces.map(({ id }) => id).join())) continue;
      reached.push(step[0]);
      step[2]();
      steps.shift();
    }
    return reached;
  });
  expect(reached).toEqual([
    'found',
    'covered',
    'uncovered',
    'after silence',
    'turned',
    'larger',
    'smaller',
    'unplugged',
  ]);
});

test('keeps the id of a face while the browser mutes the track', async ({ page }) => {
  await loadFast(page);
  await startCamera(page);
  const result = await page.evaluate(async () => {
    // A browser mutes a WebRTC track when its sender stops. Here the page sends to itself.
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
    const events: string[] = [];
    const ids = new Set<number>();
    track.addEventListener('mute', () => events.push(`muted ${track.muted}`));
    const send = async (direction: RTCRtpTransceiverDirection, expected: 'mute' | 'unmute') => {
      const changed = new Promise((resolve) => track.addEventListener(expected, resolve, { once: true }));
      transceiver.direction = direction;
      await negotiate();
      await changed;
    };
    let [before, after] = [0, 0];
    for await (const { faces } of facenet.watch(video, quick)) {
      for (const { id } of faces) ids.add(id);
      if (!faces[0]?.trackEmbedding) continue;
      if (events.length === 0 && ++before === 3) {
        track.addEventListener('unmute', () => events.push(`unmuted ${!track.muted}`));
        await send('inactive', 'mute');
        await send('sendonly', 'unmute');
      }
      if (events.length === 2 && ++after === 5) break;
    }
    near.close();
    far.close();
    camera.unplug();
    return { events, ids: [...ids] };
  });
  expect(result).toEqual({ events: ['muted true', 'unmuted true'], ids: [0] });
});

interface Progress {
  frames: number;
  ids: Set<number>;
  error: string;
}

/** Watches the camera in the background. The returned function reads the progress. */
async function startWatching(page: Evaluating) {
  await page.evaluate(() => {
    const progress: Progress = { frames: 0, ids: new Set(), error: '' };
    Object.assign(globalThis, { progress });
    (async () => {
      for await (const { faces } of facenet.watch(camera.video, quick)) {
        for (const { id } of faces) progress.ids.add(id);
        if (faces[0]?.trackEmbedding) progress.frames++;
      }
    })().catch((error) => {
      progress.error = String(error);
    });
  });
  return () =>
    page.evaluate(() => {
      const { frames, ids, error } = (globalThis as unknown as { progress: Progress }).progress;
      return { frames, ids: [...ids], error, visibility: document.visibilityState };
    });
}

/** Opens a tab with a loaded library and a camera. */
async function openTab(browser: Browser, url: string): Promise<Tab> {
  const tab = await Tab.open(browser, url);
  await tab.evaluate(importLibrary, true);
  await loadFast(tab);
  await startCamera(tab);
  return tab;
}

test('answers calls in a hidden tab, and continues to watch when the tab is shown again', async ({ server }) => {
  const browser = await launchChromium();
  try {
    const tab = await openTab(browser, server.url);
    const progress = await startWatching(tab);
    await expect.poll(async () => (await progress()).frames).toBeGreaterThan(2);
    expect((await progress()).visibility).toBe('visible');
    await tab.hide();
    await expect.poll(async () => (await progress()).visibility).toBe('hidden');
    const faces = await tab.evaluate(async () => (await facenet.embed(still, quick)).length);
    expect(faces).toBe(1);
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

interface FrozenState {
  events: string[];
  pending: Promise<unknown[]>;
}

test('answers the pending call and continues to watch after the page was frozen', async ({ server }) => {
  const browser = await launchChromium();
  try {
    // Chromium does not freeze a page of Playwright, because Playwright keeps it visible.
    const tab = await openTab(browser, server.url);
    const progress = await startWatching(tab);
    await expect.poll(async () => (await progress()).frames).toBeGreaterThan(2);
    await tab.evaluate(() => {
      const state: FrozenState = { events: [], pending: facenet.embed(still, quick) };
      for (const name of ['freeze', 'resume']) document.addEventListener(name, () => state.events.push(name));
      Object.assign(globalThis, { state });
    });
    await tab.hide();
    await tab.setFrozen(true);
    await tab.setFrozen(false);
    await tab.show();
    await expect.poll(async () => (await progress()).visibility).toBe('visible');
    const before = await progress();
    const { events, faces } = await tab.evaluate(async () => {
      // Chromium pauses the videos of a page that it freezes.
      await camera.video.play();
      const { events, pending } = (globalThis as unknown as { state: FrozenState }).state;
      return { events, faces: (await pending).length };
    });
    expect(events).toEqual(['freeze', 'resume']);
    expect(faces).toBe(1);
    await expect.poll(async () => (await progress()).frames).toBeGreaterThan(before.frames + 2);
    expect(await progress()).toMatchObject({ ids: [0], error: '' });
  } finally {
    await browser.close();
  }
});

test('keeps ids and identities when the clock jumps forward and back', async ({ page }) => {
  await loadFast(page);
  await startCamera(page);
  const result = await page.evaluate(async () => {
    const { Gallery } = (await import('/dist/gallery.js' as string)) as typeof import('../../lib/gallery/index.ts');
    const gallery = await Gallery.open({ name: 'clock', facenet, storage: 'memory' });
    const [face] = await facenet.embed(still, quick);
    await gallery.enrol({ name: 'Ada' }, face as NonNullable<typeof face>);
    let jump = 0;
    const now = performance.now.bind(performance);
    const { now: date } = Date;
    performance.now = () => now() + jump;
    Date.now = () => date() + jump;
    const hour = 3_600_000;
    const jumps = [hour, 0, -hour, 2 * hour];
    const ids = new Set<number>();
    const hours: number[] = [];
    let frames = 0;
    let samples = 0;
    let known = '';
    for await (const { faces, time } of facenet.watch(camera.video, { ...quick, gallery })) {
      for (const { id, identity } of faces) {
        ids.add(id);
        if (identity?.status === 'known') known = identity.person.name;
      }
      frames = faces.length > 0 ? frames + 1 : 0;
      samples = Math.max(samples, faces[0]?.trackEmbedding?.frames ?? 0);
      if (frames < 5 || samples === 0) continue;
      hours.push(Math.round((time - now()) / hour) + 0);
      frames = 0;
      if (jumps.length === 0) break;
      jump = jumps.shift() as number;
    }
    camera.unplug();
    return { ids: [...ids], hours, known };
  });
  expect(result).toEqual({ ids: [0], hours: [0, 1, 0, -1, 2], known: 'Ada' });
});
