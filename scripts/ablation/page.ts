import type { Face, FaceNet as FaceNetClass, Keypoints, LandmarkedFace, Landmarks } from '../../lib/index.ts';
import type { System } from '../kit/lfw/embed-images.ts';
import { centralFace, fetchBitmap, pageFunctions, roundedEmbedding } from '../kit/lfw/page-functions.ts';
import type { LandmarkSource, Variant } from './variants.ts';

/** The embeddings of an image's central face by each variant and by a second network; null if no face was found. */
export type VariantEmbeddings = { embeddings: number[][]; second: number[] } | null;

/** What the page is started with. */
interface Options {
  library: string;
  models: string[];
  variants: readonly Variant[];
  /** The name of the second network. */
  second: string;
}

/** What the page has loaded: a FaceNet for each landmark source, for each variant and for the second network. */
interface Loaded {
  landmarkers: Record<Exclude<LandmarkSource, 'detector keypoints'>, FaceNetClass>;
  embedders: Map<string, FaceNetClass>;
  secondEmbedder: FaceNetClass;
}

/** The variants as one system. */
export function variantSystem(identity: unknown, options: Options): System<VariantEmbeddings> {
  return {
    name: 'ablation',
    identity,
    functions: { ...pageFunctions, ibugFromKeypoints, landmarksOf },
    start: startVariants,
    embed: embedVariants,
    options,
  };
}

/** Runs in the page. */
async function startVariants(options: never): Promise<void> {
  const { library, models, variants, second } = options as Options;
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  // On the page they share one backend; in workers each would have its own.
  const common = { models, worker: false };
  const landmarkers = {
    'mesh, 1 pass': await FaceNet.load({ ...common, preset: 'fast' }),
    'mesh, 2 passes': await FaceNet.load({ ...common, preset: 'balanced' }),
    '68 points': await FaceNet.load({ ...common, preset: 'fast', landmarker: 'face-api-68' }),
  };
  const embedders = new Map<string, FaceNetClass>();
  for (const { name } of variants) embedders.set(name, await FaceNet.load({ ...common, preset: name, embedder: name }));
  const secondEmbedder = await FaceNet.load({ ...common, preset: 'balanced', embedder: second });
  Object.assign(globalThis, { loaded: { landmarkers, embedders, secondEmbedder } satisfies Loaded });
}

/** Runs in the page. */
async function embedVariants(given: { addresses: string[]; options: never }): Promise<VariantEmbeddings[]> {
  const { variants } = given.options as Options;
  const { landmarkers, embedders, secondEmbedder } = (globalThis as unknown as { loaded: Loaded }).loaded;
  const results: VariantEmbeddings[] = [];
  for (const address of given.addresses) {
    const bitmap = await fetchBitmap(address);
    const faces = await landmarkers['mesh, 2 passes'].detect(bitmap, { thorough: false });
    const face = centralFace(faces, bitmap);
    if (!face?.keypoints) {
      results.push(null);
      continue;
    }
    const landmarked = await landmarksOf(bitmap, { ...face, keypoints: face.keypoints }, landmarkers);
    const embeddings: number[][] = [];
    for (const { name, landmarks = 'mesh, 2 passes', resampledTwice } of variants) {
      const source = landmarked[landmarks];
      const embedder = embedders.get(name) as FaceNetClass;
      const { embedding } = resampledTwice
        ? await embedder.embedCrop(await embedder.align(bitmap, source, { size: 300 }))
        : await embedder.embed(bitmap, source);
      embeddings.push(roundedEmbedding(embedding));
    }
    const { embedding: second } = await secondEmbedder.embed(bitmap, landmarked['mesh, 2 passes']);
    results.push({ embeddings, second: roundedEmbedding(second) });
    bitmap.close();
  }
  return results;
}

/** Runs in the page. The face with the landmarks of each source. */
async function landmarksOf(
  bitmap: ImageBitmap,
  face: Face & { keypoints: Keypoints },
  landmarkers: Loaded['landmarkers'],
): Promise<Record<LandmarkSource, LandmarkedFace>> {
  return {
    'mesh, 1 pass': await landmarkers['mesh, 1 pass'].landmarks(bitmap, face),
    'mesh, 2 passes': await landmarkers['mesh, 2 passes'].landmarks(bitmap, face),
    '68 points': await landmarkers['68 points'].landmarks(bitmap, face),
    'detector keypoints': { ...face, landmarks: ibugFromKeypoints(face.keypoints) },
  };
}

/**
 * Runs in the page. The points of dlib's template, estimated from BlazeFace's keypoints: the width of an eye is about half
 * the distance of the eyes.
 */
function ibugFromKeypoints({ rightEye, leftEye, noseTip, mouth }: Keypoints): Landmarks {
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
}
