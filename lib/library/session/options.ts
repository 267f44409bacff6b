import { thresholdFor } from '../../comparison/calibration.ts';
import type { ComparisonRule } from '../../comparison/compare.ts';
import { checkedNames, checkedOptions, type OptionNames } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Abortable } from '../../core/types.ts';
import type { IndexOptions, LibraryFaceNet, ResumeOptions } from '../model/types.ts';

/** Options of {@link Library.open}. */
export interface LibraryOptions extends Abortable {
  /** The name of the library. Each name is a database of its own. */
  name: string;
  /** Finds and embeds faces. */
  facenet: LibraryFaceNet;
  /** Where the library is stored. `memory` lasts until the library is closed. @default 'indexeddb' */
  storage?: 'indexeddb' | 'memory';
  /** The longer side of the stored previews in pixels, 0 for none. @default 640 */
  previews?: number;
  /**
   * Whether a copy of each file is stored until it is indexed, so that indexing resumes after a reload. Without it, and for
   * files whose copies would take more than half of the free space, add the files again. Handles need no copy.
   *
   * @default true
   */
  storeFiles?: boolean;
  /**
   * Whether two faces of a photo can be of one person: `never`; `strong`: only if they are as similar as two photos of a
   * person taken at once, as in a collage or a mirror; `ignored`.
   *
   * @default 'strong'
   */
  samePhoto?: 'never' | 'strong' | 'ignored';
  /**
   * The false-accept rate that determines how near faces of one person must be. A lower rate makes more groups, which
   * questions join, and fewer wrong ones (docs/library.md).
   *
   * @default 0.00003
   */
  far?: number;
  /** The minimum quality of a grouped face, 0 to 1. Faces below it can be put into people by corrections. @default 0.1 */
  minQuality?: number;
  /** How faces are searched for, as in `detect()`. Default: as the preset does. */
  detect?: { thorough?: boolean; minSize?: number };
  /**
   * Called if another tab erases the library or a newer release there upgrades it, or the browser closes its database, as when the
   * user deletes the data of the page. The library is closed then, and can be opened again. Default: not called.
   *
   * @param error what calls of the closed library throw: `disposed`, with the reason.
   */
  onClose?: (error: FaceNetError) => void;
}

/** The options with their defaults. */
export type CheckedOptions = Required<Omit<LibraryOptions, 'signal' | 'onClose'>> &
  Pick<LibraryOptions, 'signal' | 'onClose'>;

const optionNames: OptionNames<LibraryOptions> = {
  ...{ name: true, facenet: true, storage: true, previews: true, storeFiles: true },
  ...{ samePhoto: true, far: true, minQuality: true, detect: true, onClose: true },
};

/** @throws {FaceNetError} `option-invalid` */
export function checkedLibraryOptions(options: LibraryOptions): CheckedOptions {
  const checked = {
    storage: 'indexeddb' as const,
    previews: 640,
    storeFiles: true,
    samePhoto: 'strong' as const,
    far: 3e-5,
    minQuality: 0.1,
    detect: {},
    ...checkedOptions(options, optionNames),
  };
  const { name, facenet, storage, previews, samePhoto, minQuality, detect } = checked;
  checkName(name);
  const { rule, identity, models } = facenet ?? {};
  if (typeof facenet?.embed !== 'function' || !rule || !identity || !models)
    throw invalid('facenet has no embed(), rule, identity or models: pass a loaded FaceNet.');
  checkCallback('onClose', checked.onClose);
  if (!['indexeddb', 'memory'].includes(storage))
    throw invalid(`storage is "${storage}": use "indexeddb" or "memory".`);
  if (!['never', 'strong', 'ignored'].includes(samePhoto)) {
    throw invalid(`samePhoto is "${samePhoto}": use "never", "strong" or "ignored".`);
  }
  if (!(previews === 0 || (previews >= 64 && previews <= 4096))) {
    throw invalid(`previews is ${previews}: use a number of pixels from 64 to 4096, or 0 for none.`);
  }
  if (!(minQuality >= 0 && minQuality <= 1)) throw invalid(`minQuality is ${minQuality}: use a number from 0 to 1.`);
  checkDetect(detect);
  thresholdFor(checked.far, rule.calibration);
  return checked;
}

/**
 * Checks `far` against the calibration of an embedder: the library's, which can be another than the FaceNet's, or that of an update.
 *
 * @throws {FaceNetError} `option-invalid`
 */
export function checkFar(far: number, { model, calibration }: ComparisonRule): void {
  try {
    thresholdFor(far, calibration);
  } catch (cause) {
    const [max, min] = [calibration.thresholds[0]?.far, calibration.thresholds.at(-1)?.far];
    throw new FaceNetError(
      'option-invalid',
      `far is ${far}, but the embedder "${model}" of the library is calibrated for ${min} to ${max}: open the library with such a number.`,
      { cause },
    );
  }
}

function checkDetect(detect: LibraryOptions['detect'] & object): void {
  const { thorough = true, minSize = 1 } = checkedNames(detect, { thorough: true, minSize: true });
  if (typeof thorough !== 'boolean') throw invalid(`detect.thorough is "${thorough}": use true or false.`);
  if (!(Number.isFinite(minSize) && minSize > 0))
    throw invalid(`detect.minSize is ${minSize}: use a positive number of pixels.`);
}

const indexOptionNames: OptionNames<IndexOptions> = { onProgress: true, pace: true, pauseWhenHidden: true };

/** @throws {FaceNetError} `option-invalid` */
export function checkedIndexOptions(options: IndexOptions): IndexOptions {
  const { pace = 'full', onProgress } = checkedOptions(options, indexOptionNames);
  checkCallback('onProgress', onProgress);
  if (!['background', 'full'].includes(pace)) throw invalid(`pace is "${pace}": use "background" or "full".`);
  return options;
}

/** Checks what {@link checkedIndexOptions} does not. @throws {FaceNetError} `option-invalid` */
export function checkedResumeOptions(options: ResumeOptions): ResumeOptions {
  const { reindex = false } = checkedOptions(options, { ...indexOptionNames, reindex: true });
  if (typeof reindex !== 'boolean') throw invalid(`reindex is "${reindex}": use true or false.`);
  return options;
}

/** Checks the name of a library. @throws {FaceNetError} `option-invalid` */
export function checkName(name: string): void {
  if (typeof name !== 'string' || name === '') throw invalid(`name is "${name}": use a text that is not empty.`);
}

/** Checks a function that is called later. @throws {FaceNetError} `option-invalid` */
export function checkCallback(option: string, callback: unknown): void {
  if (callback !== undefined && typeof callback !== 'function')
    throw invalid(`${option} is not a function: pass a function, or leave it out.`);
}

/** @throws {FaceNetError} `option-invalid` unless it is a maximum number of items. */
export function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw invalid(`limit is ${limit}: use a whole number of at least 1.`);
}

function invalid(message: string): FaceNetError {
  return new FaceNetError('option-invalid', message);
}
