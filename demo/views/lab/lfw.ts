import { cosineDistance, euclideanDistance, type FaceNet } from 'facenet-web';
import {
  accuracy,
  areaUnderCurve,
  bestThreshold,
  countAccepts,
  equalErrorRate,
  type FoldedPair,
  type LabelledPair,
  parsePairs,
  photoPath,
  type RocPoint,
  rocCurve,
  thresholdAtFar,
  validationAtFar,
  validationRate,
  viewTwoAccuracy,
} from 'facenet-web/evaluation';
import { decodePhoto } from '../../app/decode-photo.ts';
import { spread } from './bench.ts';

/** A folder in LFW's layout. */
export interface LfwFolder {
  pairs: LabelledPair[];
  /** The photos that pairs name, by their path below `images/`. */
  photos: Map<string, File>;
  /** Photos that pairs name and that are not there. */
  missing: string[];
}

/** What was found out about a folder; shares are 0 to 1. */
export interface LfwResult {
  pairs: number;
  images: number;
  folds: number;
  accuracy: { mean: number; standardError: number };
  val: Record<'1e-1' | '1e-2' | '1e-3', number>;
  auc: number;
  eer: number;
  roc: RocPoint[];
  /** Photos in which no face was found, so that a crop of the middle was embedded. */
  undetected: number;
  /** Milliseconds a photo took, the median. */
  perImage: number;
}

/** Why a folder cannot be evaluated. */
export type LfwFolderError = { kind: 'no-pairs' } | { kind: 'pairs-invalid'; reason: string } | { kind: 'no-photos' };

/**
 * Reads what was dropped: `pairs.txt` and the photos that it names.
 *
 * @param limit only the first so many pairs of each fold.
 * @returns the folder, or why it is none.
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
  // LFW's files carry the person's name, so that the file's own name is enough.
  const byName = new Map(files.map((file) => [file.name, file]));
  const photos = new Map<string, File>();
  const missing = new Set<string>();
  for (const path of pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)])) {
    const file = byName.get(path.slice(path.indexOf('/') + 1));
    if (file) photos.set(path, file);
    else missing.add(path);
  }
  if (photos.size === 0) return { kind: 'no-photos' };
  const there = pairs.filter(({ a, b }) => photos.has(photoPath(a)) && photos.has(photoPath(b)));
  return { pairs: there, photos, missing: [...missing] };
}

/** As many pairs of one person as of two from each fold, at most `limit` together. */
export function firstOfEachFold(pairs: readonly LabelledPair[], limit: number): LabelledPair[] {
  const taken = new Map<string, number>();
  return pairs.filter(({ fold, same }) => {
    const count = (taken.get(`${fold} ${same}`) ?? 0) + 1;
    taken.set(`${fold} ${same}`, count);
    return count <= limit / 2;
  });
}

/**
 * The LFW protocol in the page: every photo is embedded once, by the face nearest to its middle, which is how LFW was made.
 *
 * @param onProgress how many photos are done.
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
    const { embedding, detected } = await embedCentralFace(facenet, file, signal);
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
  return { ...figuresOf(scored), images: photos.size, undetected, perImage: spread(times).median };
}

/** The figures of scored pairs: cross-validated where there are folds, else at the threshold that is best for these pairs. */
export function figuresOf(scored: readonly FoldedPair[]) {
  const folds = new Set(scored.map(({ fold }) => fold)).size;
  const roc = rocCurve(scored);
  const single = () => accuracy(countAccepts(scored, bestThreshold(scored)));
  const val = (far: number) =>
    folds > 1 ? validationAtFar(scored, far).mean : validationRate(countAccepts(scored, thresholdAtFar(scored, far)));
  return {
    pairs: scored.length,
    folds,
    accuracy: folds > 1 ? viewTwoAccuracy(scored) : { mean: single(), standardError: Number.NaN },
    val: { '1e-1': val(1e-1), '1e-2': val(1e-2), '1e-3': val(1e-3) },
    auc: areaUnderCurve(roc),
    eer: equalErrorRate(roc),
    roc,
  };
}

async function embedCentralFace(facenet: FaceNet, file: File, signal: AbortSignal) {
  const bitmap = await decodePhoto(file);
  try {
    const fromMiddle = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }) =>
      Math.hypot(x + (width - bitmap.width) / 2, y + (height - bitmap.height) / 2);
    const faces = await facenet.detect(bitmap, { thorough: false, signal });
    const [face] = faces.sort((a, b) => fromMiddle(a.box) - fromMiddle(b.box));
    if (face) return { ...(await facenet.embed(bitmap, face, { signal })), detected: true };
    // The paper's way where no face is found: a fixed crop, framed as the mean of LFW's aligned faces lies in a photo.
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
