import type { Face, FaceNet as FaceNetClass, Keypoints, Landmarks } from '../../lib/index.ts';
import type { System } from '../kit/lfw/embed-images.ts';
import { centralFace, fetchBitmap, pageFunctions, roundedEmbedding } from '../kit/lfw/page-functions.ts';
import type { LandmarkSource, MeshPoints, Variant } from './variants.ts';

/** The embeddings of an image's central face by each variant; null if no face was found. */
export type VariantEmbeddings = number[][] | null;

/** What the page is started with. */
interface Options {
  library: string;
  models: string[];
  variants: readonly (Variant & { preset: string })[];
  referencePoints: MeshPoints;
}

/** What the page has loaded: a FaceNet for each landmark source and for each preset of the variants. */
interface Loaded {
  landmarkers: Record<Exclude<LandmarkSource, "BlazeFace's keypoints">, FaceNetClass>;
  embedders: Map<string, FaceNetClass>;
}

/** The variants as one system. */
export function variantSystem(identity: unknown, options: Options): System<VariantEmbeddings> {
  return {
    name: 'ablation',
    identity,
    functions: { ...pageFunctions, landmarksOf, meanPoints, fromKeypoints, shifted },
    start: startVariants,
    embed: embedVariants,
    options,
  };
}

/** Runs in the page. */
async function startVariants(options: never): Promise<void> {
  const { library, models, variants } = options as Options;
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  // On the page they share one backend; in workers each would have its own.
  const common = { models, worker: false };
  const landmarkers = {
    'mesh, 1 pass': await FaceNet.load({ ...common, preset: 'one pass' }),
    'mesh, 2 passes': await FaceNet.load({ ...common, preset: 'two passes' }),
    '68 points': await FaceNet.load({ ...common, preset: 'one pass', landmarker: 'face-api-68' }),
    "MTCNN's points": await FaceNet.load({
      ...common,
      preset: 'one pass',
      detector: 'mtcnn',
      landmarker: 'detector',
    }),
  };
  const embedders = new Map<string, FaceNetClass>();
  for (const preset of new Set(variants.map((variant) => variant.preset))) {
    embedders.set(preset, await FaceNet.load({ ...common, preset }));
  }
  Object.assign(globalThis, { loaded: { landmarkers, embedders } satisfies Loaded });
}

/** Runs in the page. */
async function embedVariants(given: { addresses: string[]; options: never }): Promise<VariantEmbeddings[]> {
  const { variants, referencePoints } = given.options as Options;
  const { landmarkers, embedders } = (globalThis as unknown as { loaded: Loaded }).loaded;
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
    for (const { preset, landmarks: source = 'mesh, 2 passes', points, shift = 0 } of variants) {
      let landmarks = landmarked[source];
      if (points) landmarks = meanPoints(landmarks, { ...referencePoints, ...points });
      if (shift) landmarks = shifted(landmarks, shift);
      const { embedding } = await (embedders.get(preset) as FaceNetClass).embed(bitmap, { ...face, landmarks });
      embeddings.push(roundedEmbedding(embedding));
    }
    results.push(embeddings);
    bitmap.close();
  }
  return results;
}

/** Runs in the page. The face with the landmarks of each source. */
async function landmarksOf(
  bitmap: ImageBitmap,
  face: Face & { keypoints: Keypoints },
  landmarkers: Loaded['landmarkers'],
): Promise<Record<LandmarkSource, Landmarks>> {
  const find = async (source: keyof Loaded['landmarkers']) =>
    (await landmarkers[source].landmarks(bitmap, face)).landmarks;
  const mesh = await find('mesh, 2 passes');
  const detected = centralFace(await landmarkers["MTCNN's points"].detect(bitmap), bitmap);
  return {
    'mesh, 1 pass': await find('mesh, 1 pass'),
    'mesh, 2 passes': mesh,
    '68 points': await find('68 points'),
    "BlazeFace's keypoints": fromKeypoints(face.keypoints),
    // MTCNN finds no face in a few photos.
    "MTCNN's points": detected ? (await landmarkers["MTCNN's points"].landmarks(bitmap, detected)).landmarks : mesh,
  };
}

/** Runs in the page. Five points that are the means of points of the mesh. */
function meanPoints({ points }: Landmarks, indices: MeshPoints): Landmarks {
  const mean = (list: number[]) => ({
    x: list.reduce((sum, i) => sum + (points[i]?.x as number), 0) / list.length,
    y: list.reduce((sum, i) => sum + (points[i]?.y as number), 0) / list.length,
  });
  const { rightEye, leftEye, noseTip, rightMouthCorner, leftMouthCorner } = indices;
  return { scheme: 'points-5', points: [rightEye, leftEye, noseTip, rightMouthCorner, leftMouthCorner].map(mean) };
}

/** Runs in the page. BlazeFace has one point for the mouth: its corners are estimated from the distance of the eyes. */
function fromKeypoints({ rightEye, leftEye, noseTip, mouth }: Keypoints): Landmarks {
  const [dx, dy] = [leftEye.x - rightEye.x, leftEye.y - rightEye.y];
  const corner = (t: number) => ({ x: mouth.x + t * dx, y: mouth.y + t * dy });
  return { scheme: 'points-5', points: [rightEye, leftEye, noseTip, corner(-0.42), corner(0.42)] };
}

/** Runs in the page. The landmarks, and with them the crop, moved down the face by `shift` of the crop's side. */
function shifted(landmarks: Landmarks, shift: number): Landmarks {
  const [right, left] = [landmarks.points[33], landmarks.points[263]] as [
    { x: number; y: number },
    { x: number; y: number },
  ];
  const [dx, dy] = [left.x - right.x, left.y - right.y];
  // The distance of the outer corners is 0.45 of the side of ArcFace's crop.
  const scale = shift / 0.45;
  return { ...landmarks, points: landmarks.points.map(({ x, y }) => ({ x: x - dy * scale, y: y + dx * scale })) };
}
