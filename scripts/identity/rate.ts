import type { Browser, Page } from 'playwright';
import type { Gallery } from '../../lib/gallery/index.ts';
import type { FaceNet } from '../../lib/index.ts';
import { definePageFunctions, openPage, type Server, serveLibrary, withBrowser } from '../kit/browser.ts';
import { markdownTable } from '../kit/markdown.ts';
import { type Actor, startMovingFaces } from '../kit/moving-faces.ts';
import { samplePhotoNames, samplePhotos } from '../kit/paths.ts';
import { median } from '../kit/statistics.ts';
import { enrolFacesOf, identityFunctions, type Subject, startIdentity } from './page.ts';
import { place, sceneSubjects } from './scenes.ts';

declare const facenet: FaceNet;
declare const gallery: Gallery;

/** How often the builds alternate. */
const alternations = 3;

/** How long a video is watched, and from when on its frames count: the people then have names. In milliseconds. */
const duration = 5000;
const settledAt = 2000;

/** The numbers of people, and the frames a second of the video: of a usual camera, and more than are processed. */
const videos = [2, 4, 6].flatMap((people) => [30, 60].map((fps) => ({ people, fps })));

/** The side of a face, in pixels of the video. */
const faceSize = 90;

/**
 * Compares the number of frames a second that are processed with that of an earlier build. Both watch the same video in one browser, in
 * alternation, and on one thread.
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
      const builds = [await openBuild(browser, earlierServer), await openBuild(browser, server)];
      const rows = [];
      for (const video of videos) rows.push(await compare(builds, video));
      return markdownTable(['people', 'frames a second of the video', 'processed before', 'now', 'now ÷ before'], rows);
    } finally {
      await earlierServer.close();
    }
  });
}

/** A page with a build of the library, in which the people of the sample photos are enrolled. */
async function openBuild(browser: Browser, server: Server): Promise<{ page: Page; subjects: Subject[] }> {
  const page = await openPage(browser, server);
  await definePageFunctions(page, identityFunctions);
  await page.evaluate(startIdentity, server.url);
  const photos = samplePhotoNames.map((name) => `/photos/${name}`);
  return { page, subjects: await page.evaluate(enrolFacesOf, photos) };
}

/** A row of the table: the medians of the alternations, and of their ratios with the lowest and the highest. */
async function compare(
  builds: readonly { page: Page; subjects: Subject[] }[],
  { people, fps }: (typeof videos)[number],
): Promise<(string | number)[]> {
  const rates: number[][] = [];
  for (let i = 0; i < alternations; i++) {
    const round: number[] = [];
    for (const { page, subjects } of builds) {
      const actors = actorsOf(subjects, people);
      round.push(await page.evaluate(measureRate, { actors, fps, duration, settledAt }));
    }
    rates.push(round);
    process.stderr.write(`${people} people, ${fps}/s: ${round.map((rate) => rate.toFixed(1)).join(', ')} frames/s\n`);
  }
  const ratios = rates.map(([before, now]) => (now as number) / (before as number));
  const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  const medianOf = (build: number) => median(rates.map((round) => round[build] as number)).toFixed(1);
  return [people, fps, medianOf(0), medianOf(1), `${median(ratios).toFixed(2)} (${lowest} to ${highest})`];
}

/** The largest faces, swaying in place. */
function actorsOf(subjects: readonly Subject[], people: number): Actor[] {
  return sceneSubjects(subjects)
    .slice(0, people)
    .map(({ photo, box }, i) => {
      const [x, y] = place(i);
      return { photo, box, x, y, sway: 12, period: 2500 + 300 * i, size: faceSize, seen: [[0, 1e9]] };
    });
}

/** Runs in the page: the number of frames a second that are processed once the people have names. */
async function measureRate(options: {
  actors: Actor[];
  fps: number;
  duration: number;
  settledAt: number;
}): Promise<number> {
  const { video, startedAt, stop } = await startMovingFaces(options.actors, options.fps);
  const times: number[] = [];
  for await (const { time } of facenet.watch(video, { gallery })) {
    if (time - startedAt >= options.settledAt) times.push(time);
    if (time - startedAt >= options.duration) break;
  }
  stop();
  const [first, last] = [times[0] as number, times.at(-1) as number];
  return (1000 * (times.length - 1)) / (last - first);
}
