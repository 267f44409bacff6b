import { decodeImage, type FaceNet, FaceNetError } from 'facenet-web';
import {
  cohortOf,
  type EvaluatedFace,
  type PerformanceReport,
  parseCohorts,
  performanceReport,
  unmatchedCohorts,
} from 'facenet-web/evaluation';
import { operatingPoint } from 'facenet-web/gallery';
import { pathOf } from '../../ui/PhotoInput.tsx';
import { embedCentralFace } from './lfw.ts';

/** A photo of a folder with one folder per person. */
export interface PersonPhoto {
  person: string;
  name: string;
  file: File;
  cohort: string | undefined;
}

/** Why a folder has no report. */
export type ReportFolderError =
  | { kind: 'too-few' }
  | { kind: 'cohorts-invalid'; reason: string }
  /** Entries of the cohorts file match no photo. */
  | { kind: 'cohorts-unmatched'; names: string[] };

/** The result of {@link measureFolder}. */
export interface FolderReport {
  report: PerformanceReport;
  /** The number of photos in which no face was found. */
  notFound: number;
  /** The names of the photos that could not be read. */
  unreadable: string[];
}

const image = /\.(jpe?g|png|webp|avif|gif|bmp)$/i;
const cohortsFile = /^cohorts\.(csv|json)$/i;

/**
 * Finds the photos of people among files: those whose folder has the person's name. A file `cohorts.csv` or `cohorts.json`
 * states the cohorts.
 */
export async function readPeople(files: readonly File[]): Promise<PersonPhoto[] | ReportFolderError> {
  const list = files.find(({ name }) => cohortsFile.test(name));
  let cohorts: ReturnType<typeof parseCohorts>;
  try {
    cohorts = list ? parseCohorts(await list.text()) : new Map();
  } catch (error) {
    return { kind: 'cohorts-invalid', reason: error instanceof Error ? error.message : String(error) };
  }
  const photos = files.flatMap((file) => {
    const person = pathOf(file).split('/').at(-2);
    if (person === undefined || !image.test(file.name)) return [];
    return [{ person, name: file.name, file, cohort: cohortOf(cohorts, person, file.name) }];
  });
  const counts = new Map<string, number>();
  for (const { person } of photos) counts.set(person, (counts.get(person) ?? 0) + 1);
  const enough = counts.size >= 2 && [...counts.values()].some((count) => count >= 2);
  if (!enough) return { kind: 'too-few' };
  const names = unmatchedCohorts(
    cohorts,
    photos.map(({ person, name }) => ({ person, file: name })),
  );
  return names.length > 0 ? { kind: 'cohorts-unmatched', names } : photos;
}

/**
 * Embeds the face nearest to the centre of each photo, and measures the errors among all pairs. Photos that cannot be read are left
 * out.
 *
 * @param onProgress called after every photo with the number of photos done.
 */
export async function measureFolder(
  facenet: FaceNet,
  photos: readonly PersonPhoto[],
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<FolderReport> {
  const faces: EvaluatedFace[] = [];
  const unreadable: string[] = [];
  for (const [i, photo] of photos.entries()) {
    const bitmap = await decodeImage(photo.file, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof FaceNetError && error.code.startsWith('image-'))) throw error;
    });
    const found = bitmap && (await embedCentralFace(facenet, bitmap, signal));
    if (!found) unreadable.push(nameOf(photo));
    else if (found.detected) faces.push(evaluatedFace(photo, found));
    onProgress(i + 1);
  }
  const { calibration } = facenet.rule;
  const galleryThreshold = (faces: number) => operatingPoint(faces, calibration, {}).threshold;
  const report = await performanceReport(faces, facenet.rule, { galleryThreshold, signal });
  return { report, notFound: photos.length - faces.length - unreadable.length, unreadable };
}

/** The face of a photo, with its quality, so that its pairs are judged as the library does. */
export function evaluatedFace(photo: PersonPhoto, found: Pick<EvaluatedFace, 'embedding' | 'quality'>): EvaluatedFace {
  const { person, cohort } = photo;
  return { person, photo: nameOf(photo), cohort, embedding: found.embedding, quality: found.quality };
}

function nameOf({ person, name }: PersonPhoto): string {
  return `${person}/${name}`;
}
