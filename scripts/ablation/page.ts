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

/** What finds landmarks, by their source; what embeds, by the variant; and the second network. */
interface Ways {
  landmarkers: Record<Exclude<LandmarkSource, 'detector keypoints'>, FaceNetClass>;
  embedders: Map<string, FaceNetClass>;
  other: FaceNetClass;
}

/** Runs in the page: loads a FaceNet for each source of landmarks, each variant and the second network. */
export async function startAllWays(options: never): Promise<void> {
  const { library, models, variants, second } = options as Options;
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  // So many at once share one page's engine rather than start a worker each.
  const given = { models, worker: false };
  const landmarkers = {
    'mesh, 1 pass': await FaceNet.load({ ...given, preset: 'fast' }),
    'mesh, 2 passes': await FaceNet.load({ ...given, preset: 'balanced' }),
    '68 points': await FaceNet.load({ ...given, preset: 'fast', landmarker: 'face-api-68' }),
  };
  const embedders = new Map<string, FaceNetClass>();
  for (const { name } of variants) embedders.set(name, await FaceNet.load({ ...given, preset: name, embedder: name }));
  const other = await FaceNet.load({ ...given, preset: 'balanced', embedder: second });
  Object.assign(globalThis, { ways: { landmarkers, embedders, other } satisfies Ways });
}

/** Runs in the page: embeds the middle face of each image in every way. */
export async function embedAllWays(given: { addresses: string[]; options: never }): Promise<AllWays[]> {
  const { variants } = given.options as Options;
  const { landmarkers, embedders, other } = (globalThis as unknown as { ways: Ways }).ways;

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
    const faces = await landmarkers['mesh, 2 passes'].detect(bitmap, { thorough: false });
    const fromCentre = ({ box }: (typeof faces)[number]) =>
      Math.hypot(box.x + (box.width - bitmap.width) / 2, box.y + (box.height - bitmap.height) / 2);
    const [face] = faces.sort((a, b) => fromCentre(a) - fromCentre(b));
    if (!face?.keypoints) {
      results.push(null);
      continue;
    }
    const landmarked: Record<LandmarkSource, LandmarkedFace> = {
      'mesh, 1 pass': await landmarkers['mesh, 1 pass'].landmarks(bitmap, face),
      'mesh, 2 passes': await landmarkers['mesh, 2 passes'].landmarks(bitmap, face),
      '68 points': await landmarkers['68 points'].landmarks(bitmap, face),
      'detector keypoints': { ...face, landmarks: fromKeypoints(face.keypoints) },
    };
    const digits = ({ embedding }: { embedding: Float32Array }) => [...embedding].map((v) => Number(v.toPrecision(6)));
    const embeddings: number[][] = [];
    for (const { name, landmarks = 'mesh, 2 passes', resampledTwice } of variants) {
      const source = landmarked[landmarks];
      const embedder = embedders.get(name) as FaceNetClass;
      const embedded = resampledTwice
        ? await embedder.embedCrop(await embedder.align(bitmap, source, { size: 300 }))
        : await embedder.embed(bitmap, source);
      embeddings.push(digits(embedded));
    }
    results.push({ embeddings, second: digits(await other.embed(bitmap, landmarked['mesh, 2 passes'])) });
    bitmap.close();
  }
  return results;
}
