import type { FaceNet as FaceNetClass, Keypoints, LandmarkedFace, Landmarks } from '../../lib/index.ts';
import type { LandmarkSource, Variant } from './recipes.ts';

/** What the variants, in their order, and a second network made of an image's middle face; null where none was found. */
export type AllWays = { embeddings: number[][]; second: number[] } | null;

interface Options {
  library: string;
  models: string[];
  variants: readonly Variant[];
  second: string;
}

/** Runs in the page: loads a FaceNet for each source of landmarks, each variant and the second network. */
export async function startAllWays(options: never): Promise<void> {
  const { library, models, variants, second } = options as Options;
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  // So many at once share one page's engine rather than start a worker each.
  const given = { models, worker: false };
  const facenets: Record<string, FaceNetClass> = {
    'mesh, 1 pass': await FaceNet.load({ ...given, preset: 'fast' }),
    'mesh, 2 passes': await FaceNet.load({ ...given, preset: 'balanced' }),
    '68 points': await FaceNet.load({ ...given, preset: 'fast', landmarker: 'face-api-68' }),
    second: await FaceNet.load({ ...given, preset: 'balanced', embedder: second }),
  };
  for (const { name } of variants) facenets[name] = await FaceNet.load({ ...given, preset: name, embedder: name });
  Object.assign(globalThis, { facenets });
}

/** Runs in the page: embeds the middle face of each image in every way. */
export async function embedAllWays(given: { addresses: string[]; options: never }): Promise<AllWays[]> {
  const { variants } = given.options as Options;
  const { facenets } = globalThis as unknown as { facenets: Record<string, FaceNetClass> };
  const use = (name: string) => facenets[name] as FaceNetClass;

  /** The points of dlib's template as far as BlazeFace's keypoints tell: an eye is about half its distance to the other wide. */
  const fromKeypoints = ({ rightEye, leftEye, noseTip, mouth }: Keypoints): Landmarks => {
    const [dx, dy] = [leftEye.x - rightEye.x, leftEye.y - rightEye.y];
    const along = (from: { x: number; y: number }, t: number) => ({ x: from.x + t * dx, y: from.y + t * dy });
    const points = Array.from({ length: 68 }, (_, i) =>
      i >= 48 ? mouth : i >= 42 ? leftEye : i >= 36 ? rightEye : noseTip,
    );
    [points[36], points[39], points[42], points[45]] = [
      along(rightEye, -0.24),
      along(rightEye, 0.24),
      along(leftEye, -0.24),
      along(leftEye, 0.24),
    ];
    [points[48], points[54]] = [along(mouth, -0.4), along(mouth, 0.4)];
    points[33] = { x: noseTip.x - 0.15 * dy, y: noseTip.y + 0.15 * dx };
    return { scheme: 'ibug-68', points };
  };

  const results: AllWays[] = [];
  for (const address of given.addresses) {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const faces = await use('mesh, 2 passes').detect(bitmap, { thorough: false });
    const fromCentre = ({ box }: (typeof faces)[number]) =>
      Math.hypot(box.x + (box.width - bitmap.width) / 2, box.y + (box.height - bitmap.height) / 2);
    const [face] = faces.sort((a, b) => fromCentre(a) - fromCentre(b));
    if (!face?.keypoints) {
      results.push(null);
      continue;
    }
    const landmarked: Record<LandmarkSource, LandmarkedFace> = {
      'mesh, 1 pass': await use('mesh, 1 pass').landmarks(bitmap, face),
      'mesh, 2 passes': await use('mesh, 2 passes').landmarks(bitmap, face),
      '68 points': await use('68 points').landmarks(bitmap, face),
      'detector keypoints': { ...face, landmarks: fromKeypoints(face.keypoints) },
    };
    const digits = ({ embedding }: { embedding: Float32Array }) => [...embedding].map((v) => Number(v.toPrecision(6)));
    const embeddings: number[][] = [];
    for (const { name, landmarks = 'mesh, 2 passes', resampledTwice } of variants) {
      const source = landmarked[landmarks];
      const embedded = resampledTwice
        ? await use(name).embedCrop(await use(name).align(bitmap, source, { size: 300 }))
        : await use(name).embed(bitmap, source);
      embeddings.push(digits(embedded));
    }
    const other = await use('second').embed(bitmap, landmarked['mesh, 2 passes']);
    results.push({ embeddings, second: digits(other) });
    bitmap.close();
  }
  return results;
}
