import type { Browser, Page } from 'playwright';
import { definePageFunctions, openPage, type Server, serveLibrary, withBrowser } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { samplePhotoNames, samplePhotos } from '../kit/paths.ts';
import { median } from '../kit/statistics.ts';
import { enrolFacesOf, identityFunctions, startIdentity } from './page.ts';
import type { Scene, SceneFace } from './scene.ts';
import { locateFaces, sceneFunctions, watchScene } from './scene-page.ts';
import { sceneSubjects, steadyScenes } from './scenes.ts';

/** How often the builds alternate. */
const alternations = 5;

/** How long a scene is watched, and from when on its frames count: the people then have names. In milliseconds. */
const duration = 7000;
const settledAt = 2000;

/**
 * Compares the mean time of a frame with that of an earlier build. Both watch the same drawn frames in one browser, in alternation, and
 * on one thread.
 *
 * @param before a checkout with `dist` and `public/models`.
 * @returns a table.
 */
export function compareRate(before: string): Promise<string> {
  const folders = { '/photos': samplePhotos };
  // Without cross-origin isolation there is one thread.
  return withBrowser({ folders, isolated: false }, async ({ browser, server }) => {
    const earlier = { ...folders, '/dist': `${before}/dist`, '/models': `${before}/public/models` };
    const earlierServer = await serveLibrary(earlier, { isolated: false });
    try {
      const current = await openBuild(browser, server);
      const scenes = steadyScenes(current.faces).map((scene) => ({ ...scene, duration }));
      const builds = [await openBuild(browser, earlierServer), current];
      const rows = [];
      for (const scene of scenes) rows.push(await compare(builds, scene));
      return markdownTable(['scene', 'frames a second', 'before, ms a frame', 'now', 'now ÷ before'], rows);
    } finally {
      await earlierServer.close();
    }
  });
}

/** A page with a build of the library, in which the people of the sample photos are enrolled. */
async function openBuild(browser: Browser, server: Server): Promise<{ page: Page; faces: SceneFace[] }> {
  const page = await openPage(browser, server);
  await definePageFunctions(page, { ...identityFunctions, ...sceneFunctions });
  await page.evaluate(startIdentity, server.url);
  const photos = samplePhotoNames.map((name) => `/photos/${name}`);
  const subjects = sceneSubjects(await page.evaluate(enrolFacesOf, photos));
  return { page, faces: await page.evaluate(locateFaces, subjects) };
}

/** A row of the table: the medians of the alternations, and of their ratios with the lowest and the highest. */
async function compare(builds: readonly { page: Page }[], scene: Scene): Promise<(string | number)[]> {
  const times: number[][] = [];
  for (let i = 0; i < alternations; i++) {
    const round: number[] = [];
    for (const { page } of builds) round.push(meanTime(await page.evaluate(watchScene, scene)));
    times.push(round);
    process.stderr.write(`${scene.name}: ${round.map((time) => time.toFixed(1)).join(', ')} ms\n`);
  }
  const ratios = times.map(([before, now]) => (now as number) / (before as number));
  const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  const medianOf = (build: number) => median(times.map((round) => round[build] as number)).toFixed(1);
  return [scene.name, scene.fps, medianOf(0), medianOf(1), `${median(ratios).toFixed(2)} (${lowest} to ${highest})`];
}

/** The mean time from a frame to its faces once the people have names, in milliseconds. */
function meanTime(frames: Awaited<ReturnType<typeof watchScene>>): number {
  const settled = frames.filter(({ time }) => time >= settledAt).map(({ total }) => total);
  return settled.reduce((sum, time) => sum + time, 0) / settled.length;
}
