import type { Box, FaceNet as FaceNetClass, Identity } from '../../lib/index.ts';

/** A face of a sample photo. */
export interface SampleFace {
  photo: string;
  box: Box;
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

/** Runs in the page once; the faces of the photos, of which every third is left out of the gallery. */
export async function startIdentity({ url, photos }: { url: string; photos: string[] }): Promise<SampleFace[]> {
  const { FaceNet } = (await import(`${url}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const { Gallery } = (await import(`${url}dist/gallery.js`)) as typeof import('../../lib/gallery/index.ts');
  const facenet = await FaceNet.load({ models: `${url}models/` });
  const gallery = await Gallery.open({ name: 'identity', facenet, storage: 'memory' });
  const faces: SampleFace[] = [];
  for (const photo of photos) {
    const blob = await (await fetch(photo)).blob();
    for (const face of await facenet.embed(blob)) {
      const i = faces.push({ photo, box: face.box }) - 1;
      if (i % 3 < 2) await gallery.enrol({ name: `${i}` }, face, { allow: ['low-quality', 'other-person'] });
    }
  }
  Object.assign(globalThis, { facenet, gallery });
  return faces;
}

/** Runs in the page: one face appears, and is watched until it is known who it is and a while longer, to see whether it stays so. */
export async function runInPage(given: {
  face: SampleFace;
  name: string | undefined;
  size: number;
  longest: number;
  longer: number;
}): Promise<Run> {
  const { facenet, gallery, startMovingFaces } = globalThis as unknown as {
    facenet: FaceNetClass;
    gallery: import('../../lib/gallery/index.ts').Gallery;
    startMovingFaces: typeof import('../moving-faces.ts').startMovingFaces;
  };
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
