import { definePageFunctions } from '../../scripts/kit/browser.ts';
import { type AnimatedFace, animatedFaceFunctions, startAnimatedFace } from '../../scripts/liveness/animated-face.ts';
import { expect, test } from '../support/library.ts';
import { sampled } from '../support/sampling.ts';

declare global {
  var animate: typeof startAnimatedFace;
}

const address = '/dist/liveness.js';

test('downloads the liveness networks only when they are loaded, and reports their progress', async ({ page }) => {
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  const ofLiveness = () => fetched.filter((path) => /liveness|antispoof/.test(path));
  await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    await facenet.embed(await facePhoto(), quick);
    await facenet.dispose();
  });
  expect(fetched).toContain('/models/mobilefacenet/weights.bin');
  expect(ofLiveness()).toEqual([]);

  const progress = await page.evaluate(async (address) => {
    const { Liveness } = (await import(address)) as typeof import('../../lib/liveness/index.ts');
    const shares: number[] = [];
    const liveness = await Liveness.load({ models: '/models/', onProgress: ({ progress }) => shares.push(progress) });
    const { backend } = liveness;
    await liveness.dispose();
    return { shares, backend: backend.name };
  }, address);
  expect(ofLiveness().sort()).toEqual([
    '/dist/liveness.js',
    ...['antispoof', 'livenessnet'].flatMap((name) => [`/models/${name}/model.json`, `/models/${name}/weights.bin`]),
  ]);
  expect(progress.backend).toBe('wasm');
  expect(progress.shares).toEqual(progress.shares.toSorted((a, b) => a - b));
  expect(progress.shares.at(-1)).toBe(1);
});

test('returns the same scores for faces in a list, singly and in another picture, and rejects invalid calls', async ({
  sharedPage: page,
}) => {
  const result = await page.evaluate(async (address) => {
    const { Liveness } = (await import(address)) as typeof import('../../lib/liveness/index.ts');
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const liveness = await Liveness.load({ models: '/models/' });
    const blob = await photo('/photos/sample5.jpg');
    const faces = await facenet.detect(blob, { thorough: false });
    const bitmap = await createImageBitmap(blob);
    const [listed, single] = [await liveness.score(blob, faces), []] as [
      import('../../lib/liveness/index.ts').PassiveScore[],
      import('../../lib/liveness/index.ts').PassiveScore[],
    ];
    for (const face of faces) single.push(await liveness.score(bitmap, face));
    const none = await liveness.score(blob, []);
    // The same face at another position of another picture has the same crop.
    const canvas = new OffscreenCanvas(bitmap.width + 40, bitmap.height + 60);
    canvas.getContext('2d')?.drawImage(bitmap, 40, 60);
    const [first] = faces as [(typeof faces)[0]];
    const moved = await liveness.score(canvas, { box: { ...first.box, x: first.box.x + 40, y: first.box.y + 60 } });
    const codes = [
      await codeOf(() => liveness.score(blob, { box: { x: 0, y: 0, width: 0, height: 9 } })),
      await codeOf(() => liveness.score(blob, undefined as never)),
      await codeOf(() => liveness.score('photo' as never, first)),
      await codeOf(() => liveness.score(blob, first, { signal: AbortSignal.abort('enough') })),
      await codeOf(() => Liveness.load({ models: '/nowhere/' })),
      await codeOf(() => Liveness.load({ models: '/models/', backend: 'cuda' as never })),
      await codeOf(() => Liveness.load({ models: '/models/', signal: AbortSignal.abort('enough') })),
    ];
    await Promise.all([liveness.dispose(), liveness.dispose()]);
    codes.push(await codeOf(() => liveness.score(blob, first)));
    await facenet.dispose();
    return { listed, single, none, moved, codes };
  }, address);
  expect(result.listed).toHaveLength(5);
  for (const [i, { antispoof, liveness }] of result.listed.entries()) {
    for (const score of [antispoof, liveness]) expect(score >= 0 && score <= 1).toBe(true);
    expect(result.single[i]?.antispoof).toBeCloseTo(antispoof, 3);
    expect(result.single[i]?.liveness).toBeCloseTo(liveness, 3);
  }
  // The scores of the faces differ.
  expect(new Set(result.listed.map(({ antispoof }) => antispoof.toFixed(3))).size).toBeGreaterThan(1);
  expect(result.none).toEqual([]);
  expect(result.moved.antispoof).toBeCloseTo(result.listed[0]?.antispoof as number, 2);
  expect(result.codes).toEqual([
    'option-invalid',
    'option-invalid',
    'image-type',
    'enough',
    'model-missing',
    'option-invalid',
    'enough',
    'disposed',
  ]);
});

test('passes a challenge when the gesture is made, even by an animated photo, and fails it for a still face', async ({
  sharedPage: page,
}) => {
  await definePageFunctions(page, { ...animatedFaceFunctions, animate: startAnimatedFace });
  const expected = sampled(['blink', 'turn-left', 'turn-right', 'nod'] as const, 2);
  const { passed, prompts, still, all } = await page.evaluate(
    async ({ address, expected }) => {
      const { challenge, gestures } = (await import(address)) as typeof import('../../lib/liveness/index.ts');
      const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
      const blob = await photo('/photos/sample3.jpg');
      const faces = (await facenet.detect(blob, { thorough: false })).sort((a, b) => a.box.x - b.box.x);
      const face = await facenet.landmarks(blob, faces[0] as (typeof faces)[0]);
      const actor: AnimatedFace = await animate('/photos/sample3.jpg', face);
      const rest = { yaw: 0, pitch: 0, closed: false };
      const acts = {
        blink: { ...rest, closed: true },
        'turn-left': { ...rest, yaw: 0.8 },
        'turn-right': { ...rest, yaw: -0.8 },
        nod: { ...rest, pitch: 0.7 },
      };
      const prompts: string[] = [];
      const onPrompt = (prompt: import('../../lib/liveness/index.ts').Prompt) => {
        prompts.push(prompt);
        if (prompt === 'look-straight') return;
        setTimeout(() => Object.assign(actor.performance, acts[prompt]), 200);
        setTimeout(() => Object.assign(actor.performance, rest), 2500);
      };
      const passed = [];
      for (const gesture of expected) {
        const frames = facenet.watch(actor.video);
        passed.push(await challenge(frames, { gestures: [gesture], count: 1, timeout: 15_000, onPrompt }));
      }
      const still = await challenge(facenet.watch(actor.video), { timeout: 1500, onPrompt: () => {} });
      actor.stop();
      await facenet.dispose();
      return { passed, prompts, still, all: gestures };
    },
    { address, expected },
  );
  expect(passed.map((result) => (result.passed ? 'passed' : result.reason))).toEqual(expected.map(() => 'passed'));
  expect(prompts.filter((prompt) => prompt !== 'look-straight')).toEqual(expected);
  expect(all).toEqual(['blink', 'turn-left', 'turn-right', 'nod']);
  expect(still).toMatchObject({ passed: false, reason: 'timeout', steps: [] });
});
