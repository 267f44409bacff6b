import { cosineDistance, decodeImage, euclideanDistance, type FaceNet } from 'facenet-web';
import {
  accuracy,
  allPairsValidation,
  areaUnderCurve,
  bestThreshold,
  countAccepts,
  equalErrorRate,
  type FoldedPair,
  type LabelledPair,
  type Photo,
  parsePairs,
  photoPath,
  type RocPoint,
  rocCurve,
  thresholdAtFar,
  validationAtFar,
  validationRate,
  viewTwoAccuracy,
} from 'facenet-web/evaluation';
import { timeSpread } from './bench.ts';
import type { IntervalRate, MeasuredSystem } from './curves.ts';

/** A data set in LFW's layout. */
export interface LfwFolder {
  pairs: LabelledPair[];
  /** The photos of the pairs, by their path relative to `images/`. */
  photos: Map<string, File>;
  /** The paths of photos in `pairs.txt` that are not in the folder. */
  missing: string[];
}

/** The result of an evaluation. Rates are 0 to 1. */
export interface LfwResult extends MeasuredSystem {
  pairs: number;
  images: number;
  folds: number;
  roc: RocPoint[];
  /** The number of photos in which no face was found. A fixed central crop was embedded instead. */
  undetected: number;
  /** The median time per photo, in milliseconds. */
  timePerImage: number;
}

/** Why a folder cannot be evaluated. */
export type LfwFolderError = { kind: 'no-pairs' } | { kind: 'pairs-invalid'; reason: string } | { kind: 'no-photos' };

/**
 * Finds `pairs.txt` and the photos that it lists among files.
 *
 * @param limit the maximum number of pairs per fold. See {@link firstOfEachFold}.
 * @returns the data set, or why there is none.
 */
export async function readFolder(files: readonly File[], limit: number): Promise<LfwFolder | LfwFolderError> {
  const list = files.find(({ name }) => name === 'pairs.txt');
  if (!list) return { kind: 'no-pairs' };
  let all: LabelledPair[];
  try {
    all = parsePairs(await list.text());
  } catch (error) {
    return { kind: 'pairs-invalid', reason: error instanceof Error ? error.message : String(error) };
  }
  const pairs = firstOfEachFold(all, limit);
  // LFW's file names contain the person's name, so they are unique without the folder.
  const byName = new Map(files.map((file) => [file.name, file]));
  const photos = new Map<string, File>();
  const missing = new Set<string>();
  for (const path of pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)])) {
    const file = byName.get(path.slice(path.indexOf('/') + 1));
    if (file) photos.set(path, file);
    else missing.add(path);
  }
  if (photos.size === 0) return { kind: 'no-photos' };
  const complete = pairs.filter(({ a, b }) => photos.has(photoPath(a)) && photos.has(photoPath(b)));
  return { pairs: complete, photos, missing: [...missing] };
}

/** The first pairs of each fold: at most `limit` / 2 same-person pairs and as many different-person pairs. */
export function firstOfEachFold(pairs: readonly LabelledPair[], limit: number): LabelledPair[] {
  const taken = new Map<string, number>();
  return pairs.filter(({ fold, same }) => {
    const count = (taken.get(`${fold} ${same}`) ?? 0) + 1;
    taken.set(`${fold} ${same}`, count);
    return count <= limit / 2;
  });
}

/**
 * Runs the LFW protocol. Embeds the face nearest to the centre of each photo, because LFW's photos are centred on their subject.
 *
 * @param onProgress called after every photo with the number of photos done.
 */
export async function evaluateFolder(
  facenet: FaceNet,
  { pairs, photos }: LfwFolder,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<LfwResult> {
  const embeddings = new Map<string, Float32Array>();
  const times: number[] = [];
  let undetected = 0;
  for (const [path, file] of photos) {
    const start = performance.now();
    const { embedding, detected } = await embedCentralFace(facenet, await decodeImage(file), signal);
    times.push(performance.now() - start);
    embeddings.set(path, embedding);
    if (!detected) undetected++;
    onProgress(embeddings.size);
  }
  const distance = facenet.rule.metric === 'cosine' ? cosineDistance : euclideanDistance;
  const scored = pairs.map(({ fold, same, a, b }) => {
    const [x, y] = [embeddings.get(photoPath(a)), embeddings.get(photoPath(b))] as [Float32Array, Float32Array];
    return { fold, same, distance: distance(x, y) };
  });
  const allPairs = allPairsOf(pairs, embeddings, distance);
  return { ...accuracyOf(scored), allPairs, images: photos.size, undetected, timePerImage: timeSpread(times).median };
}

/** VAL of the listed same-person pairs among all different-person pairs of the photos. @param embeddings by path. */
export function allPairsOf(
  pairs: readonly LabelledPair[],
  embeddings: ReadonlyMap<string, Float32Array>,
  distance: (a: Float32Array, b: Float32Array) => number,
): NonNullable<MeasuredSystem['allPairs']> {
  const embeddingOf = (photo: Photo) => embeddings.get(photoPath(photo)) as Float32Array;
  const photos = new Map(pairs.flatMap(({ a, b }) => [a, b]).map((photo) => [photoPath(photo), photo]));
  const faces = [...photos.values()].map((photo) => ({ person: photo.name, embedding: embeddingOf(photo) }));
  const genuine = pairs
    .filter(({ same }) => same)
    .map(({ a, b }) => ({ person: a.name, distance: distance(embeddingOf(a), embeddingOf(b)) }));
  const [first, second] = allPairsValidation([{ faces, genuine, distance }], [1e-3, 1e-4]).map(
    ({ validationRate: val, low, high, impostorPairs }) => ({ val, low, high, impostorPairs }),
  ) as [Rate, Rate];
  return { impostorPairs: first.impostorPairs, val: { '1e-3': first, '1e-4': second } };
}

type Rate = IntervalRate & { impostorPairs: number };

/** The accuracy of scored pairs: cross-validated over folds, or with a single fold at the threshold that suits its pairs best. */
export function accuracyOf(scored: readonly FoldedPair[]) {
  const folds = new Set(scored.map(({ fold }) => fold)).size;
  const roc = rocCurve(scored);
  const single = () => ({ mean: accuracy(countAccepts(scored, bestThreshold(scored))), standardError: Number.NaN });
  const { mean, standardError } = folds > 1 ? viewTwoAccuracy(scored) : single();
  const val = (far: number) =>
    folds > 1 ? validationAtFar(scored, far).mean : validationRate(countAccepts(scored, thresholdAtFar(scored, far)));
  return {
    pairs: scored.length,
    folds,
    accuracy: { mean, se: standardError },
    val: { '1e-1': val(1e-1), '1e-2': val(1e-2), '1e-3': val(1e-3) },
    auc: areaUnderCurve(roc),
    eer: equalErrorRate(roc),
    roc,
  };
}

/** Embeds the face nearest to the centre of a photo, or a fixed crop of the centre if no face is found. Closes the photo. */
export async function embedCentralFace(facenet: FaceNet, bitmap: ImageBitmap, signal: AbortSignal) {
  try {
    const fromCentre = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }) =>
      Math.hypot(x + (width - bitmap.width) / 2, y + (height - bitmap.height) / 2);
    const faces = await facenet.detect(bitmap, { thorough: false, signal });
    const [face] = faces.sort((a, b) => fromCentre(a.box) - fromCentre(b.box));
    if (face) return { ...(await facenet.embed(bitmap, face, { signal })), detected: true };
    // As in the FaceNet paper, use a fixed crop if no face is found. Its position is the mean of LFW's aligned faces.
    const side = 0.472 * bitmap.width;
    const [x, y] = [0.504 * bitmap.width - side / 2, 0.54 * bitmap.height - side / 2];
    const crop = await createImageBitmap(bitmap, Math.round(x), Math.round(y), Math.round(side), Math.round(side));
    try {
      return { ...(await facenet.embedCrop(crop, { signal })), detected: false };
    } finally {
      crop.close();
    }
  } finally {
    bitmap.close();
  }
}
