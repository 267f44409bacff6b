import { type Actor, type MovingFaces, startMovingFaces } from '../../scripts/kit/moving-faces.ts';
import { expect, test } from '../support/library.ts';

declare global {
  var makeVideo: (actors: readonly Actor[]) => Promise<MovingFaces>;
  /** The video of the test. */
  var moving: MovingFaces;
}

const left = { x: 180, y: 230, sway: 40, period: 3000, size: 130 };
const right = { x: 460, y: 250, sway: 40, period: 4000, size: 120 };
const always = [[0, 60_000]] as const;

test('identifies the people of a video, rejects strangers, and keeps an id after an occlusion', async ({
  sharedPage: page,
}) => {
  await page.evaluate(`globalThis.makeVideo = ${startMovingFaces.toString()}`);
  const { enrolled, names, states, hidden, back } = await page.evaluate(
    async ({ left, right, always }) => {
      const address = '/dist/gallery.js';
      const { Gallery } = (await import(address)) as typeof import('../../lib/gallery/index.ts');
      const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
      const gallery = await Gallery.open({ name: 'people', facenet, storage: 'memory' });
      const portrait = '/photos/sample1.jpg';
      const three = await facenet.embed(await photo(portrait), { minSize: 100, maxFaces: 3 });
      const [ada, bob, stranger] = three as [(typeof three)[0], (typeof three)[0], (typeof three)[0]];
      const results = [await gallery.enrol({ name: 'Ada' }, ada), await gallery.enrol({ name: 'Bob' }, bob)];

      /** Watches until a condition on the ids and names in view is true. Returns those of each frame. */
      const watch = async (actors: readonly Actor[], until: (names: readonly string[], now: number) => boolean) => {
        const { video, startedAt, stop } = await makeVideo(actors);
        const frames: string[][] = [];
        try {
          const signal = AbortSignal.timeout(45_000);
          for await (const { faces, time } of facenet.watch(video, { gallery, signal })) {
            const names = faces.map(({ id, identity }) =>
              identity?.status === 'known' ? `${id} ${identity.person.name}` : `${id} ${identity?.status}`,
            );
            frames.push(names);
            if (until(names, time - startedAt)) return frames;
          }
        } finally {
          stop();
        }
        return frames;
      };
      const inLeft = { ...left, photo: portrait };
      const inRight = { ...right, photo: portrait };
      const two = await watch(
        [
          { ...inLeft, box: ada.box, seen: always },
          { ...inRight, box: stranger.box, seen: always },
        ],
        (names) => names.filter((name) => !name.includes('undecided')).length === 2,
      );
      // Bob leaves the view for a second, and returns at another position.
      let [known, lost] = [false, false];
      const away = await watch(
        [
          { ...inLeft, box: bob.box, seen: [[0, 3000]] },
          { ...inRight, box: bob.box, seen: [[4000, 60_000]] },
        ],
        (names) => {
          known ||= names.length > 0;
          lost ||= known && names.length === 0;
          return lost && names.length > 0;
        },
      );
      await facenet.dispose();
      return {
        enrolled: results.map((result) => result.enrolled),
        names: two
          .at(-1)
          ?.map((name) => name.slice(2))
          .sort(),
        states: [...new Set(two.flat())].sort(),
        hidden: away.find((names, i) => i > 0 && names.length === 0) !== undefined,
        back: { before: away.findLast((names, i) => i < away.length - 1 && names.length > 0), after: away.at(-1) },
      };
    },
    { left, right, always },
  );
  expect(enrolled).toEqual([true, true]);
  expect(names).toEqual(['Ada', 'unknown']);
  // Two ids, each first undecided and then decided: the stranger never got a name.
  expect(states).toHaveLength(4);
  expect(hidden).toBe(true);
  expect(back).toEqual({ before: ['0 Bob'], after: ['0 Bob'] });
});

test.describe('watch()', () => {
  /** Starts a video of one person, and loads the preset `fast`. */
  test.beforeEach(async ({ sharedPage: page }) => {
    await page.evaluate(`globalThis.makeVideo = ${startMovingFaces.toString()}`);
    await page.evaluate(
      async ({ left, always }) => {
        globalThis.facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
        const address = '/photos/sample1.jpg';
        const [face] = await facenet.detect(await photo(address), { minSize: 100, maxFaces: 1 });
        const { box } = face as NonNullable<typeof face>;
        globalThis.moving = await makeVideo([{ ...left, photo: address, box, seen: always }]);
      },
      { left, always },
    );
  });

  test.afterEach(async ({ sharedPage: page }) => {
    await page.evaluate(async () => {
      moving.stop();
      await facenet.dispose();
    });
  });

  test('ends after a break and after an abort', async ({ sharedPage: page }) => {
    const ends = await page.evaluate(async () => {
      const { video } = moving;
      const watch = async (options?: { signal: AbortSignal }) => {
        for await (const _ of facenet.watch(video, options));
      };
      let faces = 0;
      for await (const frame of facenet.watch(video)) {
        faces += frame.faces.length;
        if (faces === 3) break;
      }
      const controller = new AbortController();
      setTimeout(() => controller.abort('enough'), 100);
      const aborted = await codeOf(watch({ signal: controller.signal }));
      const abortedBefore = await codeOf(watch({ signal: AbortSignal.abort('at once') }));
      return { faces, aborted, abortedBefore };
    });
    expect(ends).toEqual({ faces: 3, aborted: 'enough', abortedBefore: 'at once' });
  });

  test('waits while the video is paused', async ({ sharedPage: page }) => {
    const result = await page.evaluate(async () => {
      const { video } = moving;
      video.pause();
      // Frames that were decoded before may still be shown.
      await new Promise((resolve) => setTimeout(resolve, 200));
      let frames = 0;
      const watching = (async () => {
        for await (const _ of facenet.watch(video)) if (++frames === 3) return 'continued';
        return 'ended';
      })();
      // Two calls take longer than a frame that is not paused.
      for (let i = 0; i < 2; i++) await facenet.detect(video);
      const whilePaused = frames;
      await video.play();
      return { whilePaused, played: await watching };
    });
    expect(result).toEqual({ whilePaused: 1, played: 'continued' });
  });

  test('follows faces without requestVideoFrameCallback', async ({ sharedPage: page }) => {
    const result = await page.evaluate(async () => {
      const { requestVideoFrameCallback } = HTMLVideoElement.prototype;
      Reflect.deleteProperty(HTMLVideoElement.prototype, 'requestVideoFrameCallback');
      try {
        for await (const { faces, elapsed } of facenet.watch(moving.video)) {
          if (faces[0]?.trackEmbedding?.frames === 2) return [faces.length, faces[0].id, 'landmarks' in elapsed];
        }
      } finally {
        HTMLVideoElement.prototype.requestVideoFrameCallback = requestVideoFrameCallback;
      }
    });
    expect(result).toEqual([1, 0, true]);
  });

  test('detects the face in each frame with a landmarker that cannot detect its loss', async ({ sharedPage: page }) => {
    const result = await page.evaluate(async () => {
      const options = { models: '/models/', preset: 'fast', landmarker: 'face-api-68' };
      const detecting = await library.FaceNet.load(options);
      try {
        for await (const { faces, elapsed } of detecting.watch(moving.video)) {
          if (faces[0]?.trackEmbedding?.frames === 2) return [faces.length, faces[0].id, 'detection' in elapsed];
        }
      } finally {
        await detecting.dispose();
      }
    });
    expect(result).toEqual([1, 0, true]);
  });

  test('rejects sources that it cannot watch, and ends with disposed', async ({ sharedPage: page }) => {
    const codes = await page.evaluate(async () => {
      const { video } = moving;
      const unplayable = document.createElement('video');
      unplayable.src = '/photos/none.mp4';
      const watch = async (source: HTMLVideoElement, onFrame?: () => Promise<void>) => {
        for await (const _ of facenet.watch(source)) await onFrame?.();
      };
      return {
        unplayable: await codeOf(watch(unplayable)),
        noVideo: await codeOf(() => facenet.watch(document.createElement('img') as never)),
        noGallery: await codeOf(() => facenet.watch(video, { gallery: {} as never })),
        wrongLimit: await codeOf(() => facenet.watch(video, { minScore: 2 })),
        disposed: await codeOf(watch(video, () => facenet.dispose())),
        afterwards: await codeOf(() => facenet.watch(video)),
      };
    });
    expect(codes).toEqual({
      unplayable: 'image-unreadable',
      noVideo: 'image-type',
      noGallery: 'option-invalid',
      wrongLimit: 'option-invalid',
      disposed: 'disposed',
      afterwards: 'disposed',
    });
  });
});
