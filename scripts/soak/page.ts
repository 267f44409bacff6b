import type { Gallery } from '../../lib/gallery/index.ts';
import type { EmbeddedFace, FaceNet as FaceNetClass } from '../../lib/index.ts';
import { type Actor, startMovingFaces } from '../kit/moving-faces.ts';
import { recordFilm } from '../kit/record-film.ts';
import type { HeldResources } from './count-resources.ts';
import { createLoops, type SoakLoops, type SoakWork } from './loops.ts';

/** What the loops work with. */
interface SoakContext {
  facenet: FaceNetClass;
  gallery: Gallery;
  clusterFaces: typeof import('../../lib/clustering/index.ts').clusterFaces;
  FaceNet: typeof FaceNetClass;
  addresses: readonly string[];
  photos: readonly Blob[];
  /** The faces of the first photo. */
  people: readonly EmbeddedFace[];
  /** The address of a film of two of them. */
  film: string;
  loops: SoakLoops;
}

declare global {
  /** The soak test in the page. */
  var soak: {
    work: SoakWork;
    /** The errors of the loops. */
    errors: string[];
    pause(): Promise<void>;
    resume(): void;
    stop(): Promise<void>;
    held(): HeldResources;
  };
}

/** The functions that {@link startSoak} calls, for definePageFunctions. */
export const soakFunctions = {
  startMovingFaces,
  recordFilm,
  createLoops,
  openSoakContext,
  filmPeople,
  watchVideo,
  changeGallery,
  embedPhotos,
  loadOnPage,
};

/** Runs in the page: starts the loops, which run until `soak.stop()`. */
export async function startSoak(addresses: readonly string[]): Promise<void> {
  const loops = createLoops();
  const context = await openSoakContext(addresses, loops);
  loops.repeat('video', 0, () => watchVideo(context));
  loops.repeat('gallery', 50, (round) => changeGallery(context, round));
  loops.repeat('photos', 100, (round) => embedPhotos(context, round));
  loops.repeat('loads', 30_000, () => loadOnPage(context));
  Object.assign(globalThis.soak, {
    work: loops.work,
    errors: loops.errors,
    pause: () => loops.pause(),
    resume: () => loops.resume(),
    async stop() {
      await loops.stop();
      await context.gallery.erase();
      await context.facenet.dispose();
    },
  });
}

/** Runs in the page. */
async function openSoakContext(addresses: readonly string[], loops: SoakLoops): Promise<SoakContext> {
  const modules = ['facenet-web', 'gallery', 'clustering'].map((name) => `/dist/${name}.js`);
  const [{ FaceNet }, { Gallery }, { clusterFaces }] = (await Promise.all(modules.map((name) => import(name)))) as [
    typeof import('../../lib/index.ts'),
    typeof import('../../lib/gallery/index.ts'),
    typeof import('../../lib/clustering/index.ts'),
  ];
  const photos = await Promise.all(addresses.map(async (address) => (await fetch(address)).blob()));
  const facenet: FaceNetClass = await FaceNet.load({ models: '/models/' });
  const gallery = await Gallery.open({ name: 'soak', facenet });
  const people = await facenet.embed(photos[0] as Blob);
  for (const [i, face] of people.entries()) await gallery.enrol({ name: `Person ${i}` }, face);
  const film = await filmPeople(addresses[0] as string, people.slice(0, 2));
  return { facenet, gallery, clusterFaces, FaceNet, addresses, photos, people, film, loops };
}

/** Runs in the page: records ten seconds of two people. @returns the address of the film. */
async function filmPeople(photo: string, people: readonly EmbeddedFace[]): Promise<string> {
  const actors = people.map(({ box }, i): Actor => {
    const [x, period] = [180 + 280 * i, 3000 + 1000 * i];
    return { photo, box, x, y: 240, sway: 40, period, size: 125, seen: [[0, Number.POSITIVE_INFINITY]] };
  });
  const { video, stop } = await startMovingFaces(actors);
  const film = await recordFilm(video.srcObject as MediaStream, 10_000);
  stop();
  return URL.createObjectURL(film);
}

/** Runs in the page: identifies two people in 300 frames of a film that is played again and again. */
async function watchVideo({ facenet, gallery, film, loops }: SoakContext): Promise<void> {
  const { work, errors } = loops;
  const video = Object.assign(document.createElement('video'), { muted: true, loop: true, src: film });
  await video.play();
  const ids = new Set<number>();
  let frames = 0;
  try {
    for await (const { faces } of facenet.watch(video, { gallery })) {
      work.frames++;
      for (const { id } of faces) ids.add(id);
      if (faces.length > 2) errors.push(`video: ${faces.length} faces of two people`);
      if (++frames === 300 || loops.interrupted) break;
    }
  } finally {
    video.removeAttribute('src');
    video.load();
  }
  work.watches++;
  work.ids += ids.size;
}

/** Runs in the page: enrols, renames, identifies and removes a person; every 20th time also exports and imports. */
async function changeGallery({ gallery, people, loops: { work } }: SoakContext, round: number): Promise<void> {
  const face = people[2] as EmbeddedFace;
  const enrolment = await gallery.enrol({ name: `Visitor ${round}`, metadata: { round } }, face, {
    allow: ['other-person'],
  });
  if (!enrolment.enrolled) throw new Error(JSON.stringify(enrolment.reasons));
  work.enrolments++;
  await gallery.rename(enrolment.person.id, `Guest ${round}`);
  const { match } = await gallery.identify(face);
  if (!match) throw new Error('an enrolled person was not identified');
  work.identifications++;
  await gallery.remove(enrolment.person.id);
  if (round % 20 !== 0) return;
  const file = await gallery.export();
  await gallery.import(file);
  work.exports++;
}

/** Runs in the page: embeds three photos concurrently and clusters their faces. */
async function embedPhotos(context: SoakContext, round: number): Promise<void> {
  const { facenet, photos, people, clusterFaces, loops } = context;
  const batch = [0, 1, 2].map((i) => photos[(round * 3 + i) % photos.length] as Blob);
  const faces = (await Promise.all(batch.map((photo) => facenet.embed(photo, { thorough: false })))).flat();
  if (faces.length === 0) throw new Error('no face was found in photos with faces');
  await clusterFaces(faces, facenet);
  const crop = await facenet.align(photos[0] as Blob, people[0] as EmbeddedFace);
  await facenet.embedCrop(crop);
  loops.work.photos += batch.length;
}

/** Runs in the page: loads and disposes of a FaceNet with MediaPipe, which has a WebGL context and an object URL. */
async function loadOnPage({ FaceNet, photos, loops: { work } }: SoakContext): Promise<void> {
  const facenet = await FaceNet.load({
    models: '/models/',
    worker: false,
    preset: 'fast',
    detector: 'mediapipe-blazeface-full',
  });
  const faces = await facenet.embed(photos[0] as Blob, { thorough: false });
  if (faces.length === 0) throw new Error('MediaPipe found no face');
  await facenet.dispose();
  work.loads++;
}
