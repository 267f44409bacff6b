import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { type Actor, type MovingFaces, startMovingFaces } from '../../scripts/kit/moving-faces.ts';
import { expect, lfw, lfwExists, test } from '../support/library.ts';

declare global {
  var makeVideo: (actors: readonly Actor[]) => Promise<MovingFaces>;
}

const names = ['Ada', 'Bob', 'Cleo'];

/** The page script in docs/gallery.md. */
function documentedScript(): string {
  const page = readFileSync(new URL('../../docs/gallery.md', import.meta.url), 'utf8');
  const scripts = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, script = '']) => script);
  const found = scripts.filter((script) => script.includes('location.reload()'));
  expect(found).toHaveLength(1);
  return found[0] as string;
}

/** A person: the photo to enrol, and the photo that the camera films. */
interface Role {
  enrolled: string;
  filmed: string;
}

/** Three people to enrol and a stranger, each cut out of one sample photo. */
async function castOfSamples(page: Page): Promise<Role[]> {
  return page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const bitmap = await createImageBitmap(await photo('/photos/sample5.jpg'));
    const faces = (await facenet.detect(bitmap)).sort((a, b) => a.box.x - b.box.x);
    const roles = [];
    // The woman in the middle is left out: two others resemble her.
    for (const { box } of faces.filter((_, i) => i !== 2)) {
      const side = 1.6 * Math.max(box.width, box.height);
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [300, 300];
      const [left, top] = [box.x + (box.width - side) / 2, box.y + (box.height - side) / 2];
      canvas.getContext('2d')?.drawImage(bitmap, left, top, side, side, 0, 0, 300, 300);
      // The filmed photo is darker than the enrolled one.
      const film = document.createElement('canvas');
      [film.width, film.height] = [260, 260];
      const context = film.getContext('2d') as CanvasRenderingContext2D;
      context.filter = 'brightness(0.8) contrast(0.9)';
      context.drawImage(canvas, 0, 0, 260, 260);
      roles.push({ enrolled: canvas.toDataURL('image/jpeg', 0.9), filmed: film.toDataURL('image/jpeg', 0.8) });
    }
    await facenet.dispose();
    return roles;
  });
}

/** Four people of Labelled Faces in the Wild, with one photo to enrol and another to film. */
function castOfLfw(): Role[] {
  const file = (name: string, i: number) => {
    const photos = readdirSync(`${lfw}/images/${name}`).sort();
    const bytes = readFileSync(`${lfw}/images/${name}/${photos[i]}`);
    return `data:image/jpeg;base64,${bytes.toString('base64')}`;
  };
  const people = readdirSync(`${lfw}/images`)
    .sort()
    .filter((name) => readdirSync(`${lfw}/images/${name}`).length > 1);
  const step = Math.floor(people.length / 4);
  return people
    .filter((_, i) => i % step === 0)
    .slice(0, 4)
    .map((name) => ({ enrolled: file(name, 0), filmed: file(name, 1) }));
}

const casts = {
  'a sample photo': castOfSamples,
  'LFW, other photos than those enrolled': async () => castOfLfw(),
};

for (const [title, castOf] of Object.entries(casts)) {
  test(`the script of docs/gallery.md enrols three people, reloads, and identifies them in a video, and rejects strangers: ${title}`, async ({
    page,
    server,
    context,
  }) => {
    test.skip(castOf !== castOfSamples && !lfwExists, 'Labelled Faces in the Wild is not part of the repository');
    const cast = await castOf(page);
    expect(cast).toHaveLength(4);

    const family = await context.newPage();
    const bytesOf = (url: string) => Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
    await family.route('**/photos/*.jpg', (route) => {
      const name = new URL(route.request().url()).pathname.match(/(\w+)\.jpg/)?.[1] as string;
      return route.fulfill({ contentType: 'image/jpeg', body: bytesOf((cast[names.indexOf(name)] as Role).enrolled) });
    });
    const script = documentedScript();
    await family.route('**/family.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    const entries = { 'facenet-web': '/dist/facenet-web.js', 'facenet-web/gallery': '/dist/gallery.js' };
    await family.route('**/family.html', (route) =>
      route.fulfill({
        contentType: 'text/html',
        headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
        body: `<!doctype html><link rel="icon" href="data:,">
          <script type="importmap">${JSON.stringify({ imports: entries })}</script>
          <script type="module" src="family.js"></script>`,
      }),
    );
    // The camera films all four, each in a quarter of its frame.
    await family.addInitScript({
      content: `{
        const makeVideo = ${startMovingFaces.toString()};
        const cast = ${JSON.stringify(cast.map(({ filmed }) => filmed))};
        const position = (i) => ({ x: i % 2 ? 480 : 160, y: i > 1 ? 360 : 120, sway: 12, period: 2500 + 300 * i, size: 100 });
        navigator.mediaDevices.getUserMedia = async () => {
          const actors = await Promise.all(cast.map(async (photo, i) => {
            const { width } = await createImageBitmap(await (await fetch(photo)).blob());
            const side = ${castOf === castOfSamples ? 0.62 : 0.3} * width;
            const box = { x: (width - side) / 2, y: (width - side) / 2, width: side, height: side };
            return { ...position(i), photo, box, seen: [[0, 600_000]] };
          }));
          return (await makeVideo(actors)).video.srcObject;
        };
      }`,
    });

    const loads: string[] = [];
    const lines: string[] = [];
    const problems: string[] = [];
    family.on('load', () => loads.push(family.url()));
    family.on('console', (message) => (message.type() === 'log' ? lines : problems).push(message.text()));
    family.on('pageerror', (error) => problems.push(error.message));
    await family.goto(`${server.url}family.html`);

    /** The names that each face got, in order and without repetitions. */
    const identities = () => {
      const names = new Map<string, string[]>();
      for (const [, id = '', name = ''] of lines.map((line) => line.match(/^(\d+) (.*)$/) ?? [])) {
        const list = names.get(id) ?? [];
        if (list.at(-1) !== name) list.push(name);
        names.set(id, list);
      }
      return [...names.values()].map((list) => list.join(' → ')).sort();
    };
    const everybody = [...names.map((name) => `undecided → ${name}`), 'undecided → unknown'];
    // The list contains the page's problems, so that a failure of the page ends the wait.
    await expect.poll(() => [...identities(), ...problems], { timeout: 120_000 }).toEqual(everybody);
    // No name changes afterwards, and the stranger gets none.
    const frames = lines.length;
    await expect.poll(() => lines.length, { timeout: 60_000 }).toBeGreaterThan(frames + 20);
    expect(identities()).toEqual(everybody);
    expect(loads).toHaveLength(2);
    expect(problems).toEqual([]);
    await family.close();
  });
}
