import { type Actor, type MovingFaces, startMovingFaces } from '../../scripts/kit/moving-faces.ts';
import { expect, test } from '../support/library.ts';

declare global {
  var makeVideo: (actors: readonly Actor[]) => Promise<MovingFaces>;
}

const left = { x: 180, y: 230, sway: 40, period: 3000, size: 130 };
const right = { x: 460, y: 250, sway: 40, period: 4000, size: 120 };
const always = [[0, 60_000]] as const;

test('a video’s people keep their ids and are told by name, a stranger is not, and an occlusion changes nothing', async ({
  page,
}) => {
  await page.evaluate(`globalThis.makeVideo = ${startMovingFaces.toString()}`);
  const { enrolled, seen, sure, hidden, back } = await page.evaluate(
    async ({ left, right, always }) => {
      const address = '/dist/gallery.js';
      const { Gallery } = (await import(address)) as typeof import('../../lib/gallery/index.ts');
      const facenet = await library.FaceNet.load({ models: '/models/' });
      const gallery = await Gallery.open({ name: 'people', facenet, storage: 'memory' });
      const portrait = '/photos/sample1.jpg';
      const three = await facenet.embed(await photo(portrait), { maxFaces: 3 });
      const [ada, bob, stranger] = three as [(typeof three)[0], (typeof three)[0], (typeof three)[0]];
      const results = [await gallery.enrol({ name: 'Ada' }, ada), await gallery.enrol({ name: 'Bob' }, bob)];

      /** Watches until something is true of the ids and names in view; those of every frame until then. */
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
      // Once he is known, he goes out of view for a second, and comes back elsewhere.
      let [known, lost] = [false, false];
      const away = await watch(
        [
          { ...inLeft, box: bob.box, seen: [[0, 6000]] },
          { ...inRight, box: bob.box, seen: [[7000, 60_000]] },
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
        seen: two
          .at(-1)
          ?.map((name) => name.slice(2))
          .sort(),
        sure: [...new Set(two.flat())].sort(),
        hidden: away.find((names, i) => i > 0 && names.length === 0) !== undefined,
        back: { before: away.findLast((names, i) => i < away.length - 1 && names.length > 0), after: away.at(-1) },
      };
    },
    { left, right, always },
  );
  expect(enrolled).toEqual([true, true]);
  expect(seen).toEqual(['Ada', 'unknown']);
  // Two ids, each first undecided and then one thing: no name was ever given to the stranger.
  expect(sure).toHaveLength(4);
  expect(hidden).toBe(true);
  expect(back).toEqual({ before: ['0 Bob'], after: ['0 Bob'] });
});

test('watching ends as it was asked to, and leaves the video alone', async ({ page }) => {
  await page.evaluate(`globalThis.makeVideo = ${startMovingFaces.toString()}`);
  const result = await page.evaluate(
    async ({ left, always }) => {
      const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
      const [face] = await facenet.detect(await photo('/photos/sample1.jpg'), { maxFaces: 1 });
      const actor = {
        ...left,
        photo: '/photos/sample1.jpg',
        box: (face as NonNullable<typeof face>).box,
        seen: always,
      };
      const codeOf = async (frames: () => AsyncIterable<unknown>) => {
        try {
          for await (const _ of frames());
          return 'no error';
        } catch (error) {
          return error instanceof library.FaceNetError ? error.code : String(error);
        }
      };
      const { video, stop } = await makeVideo([actor]);
      const ends: Record<string, unknown> = {};

      let shown = 0;
      for await (const { faces } of facenet.watch(video)) {
        shown += faces.length;
        if (shown === 3) break;
      }
      ends.broken = shown;

      const controller = new AbortController();
      setTimeout(() => controller.abort('enough'), 200);
      ends.aborted = await codeOf(() => facenet.watch(video, { signal: controller.signal }));
      ends.abortedBefore = await codeOf(() => facenet.watch(video, { signal: AbortSignal.abort('at once') }));

      // A browser that tells of no frames is asked before each of the screen's.
      const { requestVideoFrameCallback } = HTMLVideoElement.prototype;
      Reflect.deleteProperty(HTMLVideoElement.prototype, 'requestVideoFrameCallback');
      for await (const { faces, elapsed } of facenet.watch(video)) {
        if (faces[0]?.template?.frames !== 2) continue;
        ends.withoutCallback = [faces.length, faces[0].id, 'landmarks' in elapsed];
        break;
      }
      HTMLVideoElement.prototype.requestVideoFrameCallback = requestVideoFrameCallback;

      // A landmarker that cannot tell when it lost a face: the face is detected in each frame.
      const detecting = await library.FaceNet.load({ models: '/models/', preset: 'fast', landmarker: 'face-api-68' });
      for await (const { faces, elapsed } of detecting.watch(video)) {
        if (faces[0]?.template?.frames !== 2) continue;
        ends.detected = [faces.length, faces[0].id, 'detection' in elapsed];
        break;
      }
      await detecting.dispose();

      video.pause();
      // What it had already decoded may still be shown.
      await new Promise((resolve) => setTimeout(resolve, 200));
      let frames = 0;
      const waiting = (async () => {
        for await (const _ of facenet.watch(video)) if (++frames === 3) return 'went on';
        return 'ended';
      })();
      await new Promise((resolve) => setTimeout(resolve, 300));
      ends.whilePaused = frames;
      await video.play();
      ends.played = await waiting;

      const ending = codeOf(() => facenet.watch(video));
      for (const track of (video.srcObject as MediaStream).getTracks()) track.stop();
      ends.ended = await ending;
      stop();
      const broken = document.createElement('video');
      broken.src = '/photos/none.mp4';
      ends.unplayable = await codeOf(() => facenet.watch(broken));
      const codeNow = (call: () => unknown) => {
        try {
          call();
          return 'no error';
        } catch (error) {
          return (error as { code?: string }).code;
        }
      };
      ends.noVideo = codeNow(() => facenet.watch(document.createElement('img') as never));
      ends.noGallery = codeNow(() => facenet.watch(video, { gallery: {} as never }));
      ends.wrongLimit = codeNow(() => facenet.watch(video, { minScore: 2 }));
      const again = await makeVideo([actor]);
      const disposing = codeOf(async function* () {
        for await (const frame of facenet.watch(again.video)) {
          await facenet.dispose();
          yield frame;
        }
      });
      ends.disposed = await disposing;
      ends.afterwards = codeNow(() => facenet.watch(again.video));
      again.stop();
      return ends;
    },
    { left, always },
  );
  expect(result).toEqual({
    broken: 3,
    aborted: 'enough',
    abortedBefore: 'at once',
    withoutCallback: [1, 0, true],
    detected: [1, 0, true],
    whilePaused: 1,
    played: 'went on',
    ended: 'no error',
    unplayable: 'image-unreadable',
    noVideo: 'image-type',
    noGallery: 'option-invalid',
    wrongLimit: 'option-invalid',
    disposed: 'disposed',
    afterwards: 'disposed',
  });
});
