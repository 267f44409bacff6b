import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { Actor, MovingFaces } from '../kit/moving-faces.ts';

/** How much was done, by kind. */
export interface SoakWork {
  frames: number;
  photos: number;
  enrolments: number;
  identifications: number;
  exports: number;
  loads: number;
}

declare global {
  var startMovingFaces: (actors: readonly Actor[]) => Promise<MovingFaces>;
  /** The soak that runs in the page. */
  var soak: {
    work: SoakWork;
    /** What went wrong in any of its loops. */
    errors: string[];
    /** Has every loop come to rest, so that what is held then is held for good. */
    pause(): Promise<void>;
    resume(): void;
    stop(): Promise<void>;
    /** Object URLs and WebGL textures that were made and not freed. */
    held(): { objectUrls: number; textures: number };
  };
}

/** Runs in the page before anything else: counts what no browser tells of. */
export function countHeld(): void {
  const urls = new Set<string>();
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (object) => {
    const url = createObjectURL.call(URL, object);
    urls.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    urls.delete(url);
    revokeObjectURL.call(URL, url);
  };
  // Textures go with their context, whose canvas the collector frees.
  const contexts: { context: WeakRef<WebGL2RenderingContext>; textures: Set<WeakRef<WebGLTexture>> }[] = [];
  const { createTexture, deleteTexture } = WebGL2RenderingContext.prototype;
  WebGL2RenderingContext.prototype.createTexture = function () {
    const texture = createTexture.call(this);
    const known = contexts.find(({ context }) => context.deref() === this);
    const owner = known ?? { context: new WeakRef(this), textures: new Set<WeakRef<WebGLTexture>>() };
    if (!known) contexts.push(owner);
    owner.textures.add(new WeakRef(texture));
    return texture;
  };
  WebGL2RenderingContext.prototype.deleteTexture = function (texture) {
    const owner = contexts.find(({ context }) => context.deref() === this);
    for (const held of owner?.textures ?? []) if (held.deref() === texture) owner?.textures.delete(held);
    deleteTexture.call(this, texture);
  };
  const held = () => ({
    objectUrls: urls.size,
    textures: contexts
      .filter(({ context }) => context.deref() && !context.deref()?.isContextLost())
      .reduce((sum, { textures }) => sum + [...textures].filter((texture) => texture.deref()).length, 0),
  });
  globalThis.soak = { held } as typeof soak;
}

/** Runs in the page: video, gallery and photos side by side, until it is stopped. */
export async function startSoak(photos: readonly string[]): Promise<void> {
  const modules = ['facenet-web', 'gallery', 'clustering'].map((name) => `/dist/${name}.js`);
  const [{ FaceNet }, { Gallery }, { clusterFaces }] = (await Promise.all(modules.map((name) => import(name)))) as [
    typeof import('../../lib/index.ts'),
    typeof import('../../lib/gallery/index.ts'),
    typeof import('../../lib/clustering/index.ts'),
  ];
  const blobs = await Promise.all(photos.map(async (address) => (await fetch(address)).blob()));
  const facenet: FaceNetClass = await FaceNet.load({ models: '/models/' });
  const gallery = await Gallery.open({ name: 'soak', facenet });
  const people = await facenet.embed(blobs[0] as Blob);
  for (const [i, face] of people.entries()) await gallery.enrol({ name: `Person ${i}` }, face);

  const work: SoakWork = { frames: 0, photos: 0, enrolments: 0, identifications: 0, exports: 0, loads: 0 };
  const errors: string[] = [];
  let stopped = false;
  let paused = false;
  let wake = () => {};
  let resting = 0;
  const loops: Promise<void>[] = [];
  const actor = (i: number): Actor => ({
    photo: photos[0] as string,
    box: (people[i] as (typeof people)[0]).box,
    x: 180 + 280 * i,
    y: 240,
    sway: 40,
    period: 3000 + 1000 * i,
    size: 125,
    seen: [[0, Number.POSITIVE_INFINITY]],
  });

  let woken = Promise.resolve();

  /** Does something over and over, and rests when that is asked for. */
  const repeat = (what: string, pauseMs: number, step: (round: number) => Promise<void>) => {
    const loop = async () => {
      for (let round = 0; !stopped; round++) {
        try {
          await step(round);
        } catch (error) {
          errors.push(`${what}: ${error instanceof Error ? error.stack : error}`);
          await new Promise((resolve) => setTimeout(resolve, 1000));
        }
        resting++;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        if (paused) await woken;
        resting--;
      }
    };
    loops.push(loop());
  };

  repeat('video', 0, async () => {
    const { video, stop } = await startMovingFaces([actor(0), actor(1)]);
    let frames = 0;
    try {
      for await (const { faces } of facenet.watch(video, { gallery })) {
        work.frames++;
        if (faces.length > 2) errors.push(`video: ${faces.length} faces of two people`);
        if (++frames === 100 || paused || stopped) break;
      }
    } finally {
      stop();
    }
  });
  repeat('gallery', 50, async (round) => {
    const face = people[2] as (typeof people)[0];
    const enrolment = await gallery.enrol({ name: `Visitor ${round}`, metadata: { round } }, face, {
      allow: ['other-person'],
    });
    if (!enrolment.enrolled) throw new Error(JSON.stringify(enrolment.reasons));
    work.enrolments++;
    await gallery.rename(enrolment.person.id, `Guest ${round}`);
    const { match } = await gallery.identify(face);
    if (!match) throw new Error('an enrolled person was not known');
    work.identifications++;
    await gallery.remove(enrolment.person.id);
    if (round % 20 !== 0) return;
    const file = await gallery.export();
    await gallery.import(file);
    work.exports++;
  });
  repeat('photos', 100, async (round) => {
    const batch = [0, 1, 2].map((i) => blobs[(round * 3 + i) % blobs.length] as Blob);
    const faces = (await Promise.all(batch.map((blob) => facenet.embed(blob, { thorough: false })))).flat();
    if (faces.length === 0) throw new Error('no face in photos that have some');
    await clusterFaces(faces, facenet);
    const crop = await facenet.align(blobs[0] as Blob, people[0] as (typeof people)[0]);
    await facenet.embedCrop(crop);
    work.photos += batch.length;
  });
  repeat('loads', 30_000, async () => {
    // On the page, with MediaPipe: WebAssembly, a WebGL context and an object URL come and go.
    const other = await FaceNet.load({
      models: '/models/',
      worker: false,
      preset: 'fast',
      detector: 'mediapipe-blazeface-full',
    });
    const faces = await other.embed(blobs[0] as Blob, { thorough: false });
    if (faces.length === 0) throw new Error('MediaPipe found no face');
    await other.dispose();
    work.loads++;
  });

  Object.assign(globalThis.soak, {
    work,
    errors,
    async pause() {
      paused = true;
      woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      while (resting < loops.length) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    resume() {
      paused = false;
      wake();
    },
    async stop() {
      stopped = true;
      await Promise.all(loops);
      await gallery.erase();
      await facenet.dispose();
    },
  });
}
