import type { Gallery } from '../../lib/gallery/index.ts';
import type { Box, FaceNet as FaceNetClass, Identity } from '../../lib/index.ts';
import { centralFace, fetchBitmap, pageFunctions } from '../kit/lfw/page-functions.ts';
import { startMovingFaces } from '../kit/moving-faces.ts';

/** A face to show in a video, and its name if it is enrolled. */
export interface Subject {
  name: string | undefined;
  face: { photo: string; box: Box };
}

/** A person of a data set: the photo to enrol, unless the person is to be unknown, and the photo to show. */
export interface SubjectPhotos {
  name: string | undefined;
  enrolled?: string;
  shown: string;
}

/** How the identification of one face in a video proceeded. Times are in milliseconds. */
export interface Run {
  /** The name of the face in the gallery; undefined if it is not enrolled. */
  name: string | undefined;
  /** The time from the appearance of the face until it was detected, and until its identity was decided; undefined if never. */
  detectedAfter?: number;
  decidedAfter?: number;
  /** The number of frames with the face before its identity was decided. */
  undecidedFrames: number;
  /**
   * The identities of each track, in order, with consecutive duplicates removed. There is one track unless the tracker lost the
   * face.
   */
  identities: string[][];
  frames: number;
  milliseconds: number;
}

/** Options of {@link runInPage}. */
export interface RunOptions {
  /** The side of the face in the video, in pixels. */
  size: number;
  /** The time limit for a decision, and the time to watch after it, in milliseconds. */
  decisionTimeout: number;
  watchAfterDecision: number;
}

/** The functions that the others call, for definePageFunctions. */
export const identityFunctions = { ...pageFunctions, startMovingFaces, identityLabel, findCentralFace };

declare const facenet: FaceNetClass;
declare const gallery: Gallery;

/** Runs in the page once: loads the library and opens an empty gallery. */
export async function startIdentity(url: string): Promise<void> {
  const { FaceNet } = (await import(`${url}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const { Gallery } = (await import(`${url}dist/gallery.js`)) as typeof import('../../lib/gallery/index.ts');
  const facenet = await FaceNet.load({ models: `${url}models/` });
  const gallery = await Gallery.open({ name: 'identity', facenet, storage: 'memory' });
  Object.assign(globalThis, { facenet, gallery });
}

/** Runs in the page once: enrols two of every three faces of the photos. */
export async function enrolFacesOf(photos: string[]): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const photo of photos) {
    for (const face of await facenet.embed(await (await fetch(photo)).blob())) {
      const name = subjects.length % 3 < 2 ? `${subjects.length}` : undefined;
      subjects.push({ name, face: { photo, box: face.box } });
      if (name) await gallery.enrol({ name }, face, { allow: ['low-quality', 'other-person'] });
    }
  }
  return subjects;
}

/** Runs in the page once: enrols the people that have a photo for it, and locates the face in each photo to show. */
export async function enrolPeople(people: SubjectPhotos[]): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const { name, enrolled, shown } of people) {
    if (name && enrolled) {
      const { bitmap, face } = await findCentralFace(enrolled);
      await gallery.enrol({ name }, await facenet.embed(bitmap, face), { allow: ['low-quality', 'other-person'] });
    }
    subjects.push({ name, face: { photo: shown, box: (await findCentralFace(shown)).face.box } });
  }
  return subjects;
}

/** Runs in the page. */
async function findCentralFace(photo: string) {
  const bitmap = await fetchBitmap(photo);
  const face = centralFace(await facenet.detect(bitmap), bitmap);
  if (!face) throw new Error(`There is no face in ${photo}.`);
  return { bitmap, face };
}

/** Runs in the page: lets one face appear in a video, and watches it until some time after its identity is decided. */
export async function runInPage({ name, face, ...options }: Subject & RunOptions): Promise<Run> {
  const appearsAt = 500;
  const visible = [[appearsAt, 600_000]] as const;
  const actor = { ...face, x: 320, y: 240, sway: 60, period: 3000, size: options.size, seen: visible };
  const { video, startedAt, stop } = await startMovingFaces([actor]);
  const run: Run = { name, undecidedFrames: 0, identities: [], frames: 0, milliseconds: 0 };
  const identitiesOf = new Map<number, string[]>();
  try {
    for await (const { faces, time } of facenet.watch(video, { gallery })) {
      const now = time - startedAt - appearsAt;
      if (now < 0) continue;
      run.frames++;
      run.milliseconds = now;
      const [detected] = faces;
      if (detected) {
        run.detectedAfter ??= now;
        const label = identityLabel(detected.identity);
        const labels = identitiesOf.get(detected.id) ?? [];
        if (labels.at(-1) !== label) labels.push(label);
        identitiesOf.set(detected.id, labels);
        if (label === 'undecided') run.undecidedFrames++;
        else run.decidedAfter ??= now;
      }
      if (now > options.decisionTimeout) break;
      if (run.decidedAfter !== undefined && now > run.decidedAfter + options.watchAfterDecision) break;
    }
  } finally {
    stop();
  }
  run.identities = [...identitiesOf.values()];
  return run;
}

/** Runs in the page. */
function identityLabel(identity: Identity | undefined): string {
  return identity?.status === 'known' ? identity.person.name : `${identity?.status}`;
}
