import { expect, test } from '../support/library.ts';

/** Two frames at 60 a second: with a longer gap between two of them, the eye sees that one is missing. */
const longestGap = 2 * (1000 / 60) + 1;

/** The machine does other things too, and may hold up a page for those: then it is looked at again. */
const attempts = 10;

test('a page plays a CSS animation without a dropped frame while its worker recognises', async ({ page }) => {
  const { gaps, recognised, moved } = await page.evaluate(
    async ({ attempts, longestGap }) => {
      const facenet = await library.FaceNet.load({ models: '/models/' });
      const bitmap = await createImageBitmap(await photo('/photos/sample6.jpg'), 10, 350, 580, 435);
      await facenet.embed(bitmap);
      const ball = document.body.appendChild(document.createElement('div'));
      ball.style.cssText = 'width: 20px; height: 20px; background: teal';
      const animation = ball.animate([{ translate: '0' }, { translate: '600px' }], {
        duration: 1000,
        iterations: 1000,
      });
      const gaps: number[] = [];
      let [recognised, moved] = [0, 0];
      for (let i = 0; i < attempts && (gaps.at(-1) ?? Infinity) > longestGap; i++) {
        let [drawnAt, longest, watching] = [await nextFrame(), 0, true];
        const drawing = (async () => {
          while (watching) {
            const at = await nextFrame();
            longest = Math.max(longest, at - drawnAt);
            drawnAt = at;
            moved = Math.max(moved, progress());
          }
        })();
        const start = performance.now();
        while (performance.now() - start < 500) recognised += (await facenet.embed(bitmap)).length;
        watching = false;
        await drawing;
        gaps.push(longest);
      }
      await facenet.dispose();
      return { gaps, recognised, moved };

      function nextFrame(): Promise<number> {
        return new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
      }
      function progress(): number {
        return animation.effect?.getComputedTiming().progress ?? 0;
      }
    },
    { attempts, longestGap },
  );
  expect(recognised).toBeGreaterThan(0);
  expect(moved, 'the animation runs').toBeGreaterThan(0);
  expect(Math.min(...gaps), `the longest gaps between two frames: ${gaps.map(Math.round)}`).toBeLessThan(longestGap);
});
