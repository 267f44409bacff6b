import type { Box, FaceNet as FaceNetClass, Identity } from '../../lib/index.ts';

/** A face that is filmed, and its name where the gallery knows it. */
export interface Role {
  name: string | undefined;
  face: { photo: string; box: Box };
}

/** What came of one face that walked into a video. */
export interface Run {
  /** Whether the gallery knows the face, and by what name. */
  name: string | undefined;
  /** From when the face was drawn until it was first told of, until its identity was decided; undefined where it never was. */
  seenAfter?: number;
  decidedAfter?: number;
  /** How many frames told of the face before its identity was decided. */
  undecidedFrames: number;
  /** Everything that each id was called, in order, without repetitions: the face has one id, unless the tracker lost it. */
  called: string[][];
  frames: number;
  milliseconds: number;
}

/** What the page keeps between two calls of what runs in it. */
interface Kept {
  facenet: FaceNetClass;
  gallery: import('../../lib/gallery/index.ts').Gallery;
  startMovingFaces: typeof import('../kit/moving-faces.ts').startMovingFaces;
}

/** Runs in the page once: loads the library, and opens a gallery with nobody in it. */
export async function startIdentity(url: string): Promise<void> {
  const { FaceNet } = (await import(`${url}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const { Gallery } = (await import(`${url}dist/gallery.js`)) as typeof import('../../lib/gallery/index.ts');
  const facenet = await FaceNet.load({ models: `${url}models/` });
  const gallery = await Gallery.open({ name: 'identity', facenet, storage: 'memory' });
  Object.assign(globalThis, { facenet, gallery });
}

/** Runs in the page once: enrols the faces of the photos but for every third. */
export async function castSamples(photos: string[]): Promise<Role[]> {
  const { facenet, gallery } = globalThis as unknown as Kept;
  const roles: Role[] = [];
  for (const photo of photos) {
    for (const face of await facenet.embed(await (await fetch(photo)).blob())) {
      const name = roles.length % 3 < 2 ? `${roles.length}` : undefined;
      roles.push({ name, face: { photo, box: face.box } });
      if (name) await gallery.enrol({ name }, face, { allow: ['low-quality', 'other-person'] });
    }
  }
  return roles;
}

/** Somebody of a labelled set: the photo to enrol, where the gallery is to know the person, and the one to film. */
export interface Casting {
  name: string | undefined;
  enrolled?: string;
  filmed: string;
}

/** Runs in the page once: enrols one photo of each person that the gallery is to know, and finds the face of the one to film. */
export async function castPeople(people: Casting[]): Promise<Role[]> {
  const { facenet, gallery } = globalThis as unknown as Kept;
  /** The person of a photo is the one in its middle: so Labelled Faces in the Wild was made. */
  const middle = async (photo: string) => {
    const bitmap = await createImageBitmap(await (await fetch(photo)).blob());
    const faces = await facenet.detect(bitmap);
    const off = ({ box }: (typeof faces)[0]) =>
      Math.hypot(box.x + (box.width - bitmap.width) / 2, box.y + (box.height - bitmap.height) / 2);
    const [face] = faces.sort((a, b) => off(a) - off(b));
    if (!face) throw new Error(`There is no face in ${photo}.`);
    return { bitmap, face };
  };
  const roles: Role[] = [];
  for (const { name, enrolled, filmed } of people) {
    if (name && enrolled) {
      const { bitmap, face } = await middle(enrolled);
      await gallery.enrol({ name }, await facenet.embed(bitmap, face), { allow: ['low-quality', 'other-person'] });
    }
    roles.push({ name, face: { photo: filmed, box: (await middle(filmed)).face.box } });
  }
  return roles;
}

/** Runs in the page: one face appears, and is watched until it is known who it is and a while longer, to see whether it stays so. */
export async function runInPage(
  given: Role & {
    size: number;
    longest: number;
    longer: number;
  },
): Promise<Run> {
  const { facenet, gallery, startMovingFaces } = globalThis as unknown as Kept;
  const appears = 500;
  const { face, size, longest, longer } = given;
  const actor = { ...face, x: 320, y: 240, sway: 60, period: 3000, size, seen: [[appears, 600_000]] as const };
  const { video, startedAt, stop } = await startMovingFaces([actor]);
  const run: Run = { name: given.name, undecidedFrames: 0, called: [], frames: 0, milliseconds: 0 };
  const ids = new Map<number, string[]>();
  const callOf = (identity: Identity | undefined) =>
    identity?.status === 'known' ? identity.person.name : `${identity?.status}`;
  try {
    for await (const { faces, time } of facenet.watch(video, { gallery })) {
      const now = time - startedAt - appears;
      if (now < 0) continue;
      run.frames++;
      run.milliseconds = now;
      const [seen] = faces;
      if (seen) {
        run.seenAfter ??= now;
        const call = callOf(seen.identity);
        const calls = ids.get(seen.id) ?? [];
        if (calls.at(-1) !== call) calls.push(call);
        ids.set(seen.id, calls);
        if (call === 'undecided') run.undecidedFrames++;
        else run.decidedAfter ??= now;
      }
      if (now > longest || (run.decidedAfter !== undefined && now > run.decidedAfter + longer)) break;
    }
  } finally {
    stop();
  }
  run.called = [...ids.values()];
  return run;
}
