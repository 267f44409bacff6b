import type { ComparisonRule } from '../../comparison/compare.ts';
import type { Abortable, Box, EmbeddedFace, EmbedderIdentity, Face, ImageSource } from '../../core/types.ts';
import type { FileState } from '../storage/tables.ts';

/** Finds and embeds faces. A loaded `FaceNet` satisfies it. */
export interface LibraryFaceNet {
  /** The model, metric and calibration of the embeddings. */
  readonly rule: ComparisonRule;
  /** What identifies the embedder beside its name. */
  readonly identity: EmbedderIdentity;
  /** The names of the models in use. */
  readonly models: { readonly detector: string; readonly landmarker: string; readonly embedder: string };
  /** The SHA-256 of each file of the detector and the landmarker. Without them, models are compared by their names. */
  readonly detectionFiles?: readonly string[];
  /**
   * Finds and embeds all faces of a picture.
   *
   * @param source the picture.
   * @param options how faces are searched for (see `DetectOptions`), and a signal that cancels the call.
   */
  embed(source: ImageSource, options?: { thorough?: boolean; minSize?: number } & Abortable): Promise<EmbeddedFace[]>;
  /**
   * Embeds one face.
   *
   * @param source the picture that shows the face.
   * @param face where the face is, in pixels of the picture.
   * @param options a signal that cancels the call.
   */
  embed(source: ImageSource, face: Face, options?: Abortable): Promise<EmbeddedFace>;
}

/** What {@link Library.add} takes: files, with or without a path, or handles of files or folders. */
export type PhotoSource = File | FileSystemFileHandle | FileSystemDirectoryHandle | { path: string; file: File };
/** Any collection of {@link PhotoSource}. */
export type PhotoSources = Iterable<PhotoSource> | AsyncIterable<PhotoSource>;

/** The progress of indexing. */
export interface IndexProgress {
  /** The number of files that are indexed, in all calls. */
  done: number;
  /** The number of files that failed. */
  failed: number;
  /** The number of files in the library. It grows while files are added. */
  total: number;
  /** The number of photos with different contents. */
  photos: number;
  /** The number of faces. */
  faces: number;
  /** The estimated time for the remaining files, in milliseconds. Undefined before two files are done. */
  timeLeft: number | undefined;
}

/** Options of {@link Library.add}. */
export interface IndexOptions extends Abortable {
  /** Called when the progress changes. Default: not called. */
  onProgress?: (progress: IndexProgress) => void;
  /** `background` leaves half of the time to others. @default 'full' */
  pace?: 'background' | 'full';
  /** Whether to wait while the page is hidden. @default false */
  pauseWhenHidden?: boolean;
}

/** Options of {@link Library.resume}. */
export interface ResumeOptions extends IndexOptions {
  /** Whether outdated photos are indexed again whose files can be read by their handles ({@link Library.outdatedPhotos}). @default false */
  reindex?: boolean;
}

/** A file that was added. */
export interface LibraryFile {
  /** Its number, for {@link Library.forget}. */
  number: number;
  /** The path in the folder that was added, or the name of the file. */
  path: string;
  /** In bytes. */
  size: number;
  /** Whether it is indexed: `waiting`, `changed` since it was indexed, `done` or `failed`. */
  state: FileState;
  /** How often reading or indexing it failed since it began to wait, with the present attempt. 0 once it is indexed. */
  attempts: number;
  /** Why it failed. */
  reason?: { code: string; message: string };
  /** Its handle, if it was added by one or in a folder of one. */
  handle?: FileSystemFileHandle;
  /** The id of its photo, once it is indexed. */
  photo?: string;
}

/** A photo. Files with the same bytes are one photo. */
export interface LibraryPhoto {
  /** The SHA-256 of the file, as 64 hexadecimal digits. */
  id: string;
  /** The path of the file that was indexed. */
  path: string;
  /** The width in pixels, with the EXIF orientation applied. */
  width: number;
  /** The height in pixels, with the EXIF orientation applied. */
  height: number;
  /** When it was taken, or, without EXIF data, when its file was modified. */
  time: Date;
  /** Whether `time` is from EXIF data. */
  taken: boolean;
  /** The EXIF orientation of the file, 1 to 8. */
  orientation: number;
  /** The numbers of its faces. */
  faces: number[];
}

/** A face in a photo. */
export interface LibraryFace {
  /**
   * Its number, also after its photo is indexed again, for example with another detector or after an import. If its file changes, the
   * new photo's faces have new numbers, and take over people and corrections. No number is used twice.
   */
  number: number;
  /** The id of its photo. */
  photo: string;
  /** In pixels of the photo, with the EXIF orientation applied. */
  box: Box;
  /** The roll of the head in the photo, as {@link Face.roll}. Unknown if an earlier build indexed or exported the face. */
  roll?: number;
  /** The detection score, 0 to 1. */
  score: number;
  /** The overall quality, 0 to 1. */
  quality: number;
  /** The number of its person; undefined if it has none: it is of poor quality or no face. */
  person: number | undefined;
  /** Whether the user put it into the person, or confirmed it. */
  confirmed: boolean;
  /** Whether the user marked it as no face. */
  notAFace: boolean;
}

/** A person: faces that are grouped together. */
export interface LibraryPerson {
  /** Its number. The number of a group that no correction concerns can change when photos are added. */
  number: number;
  /** Empty if nobody has named the person. */
  name: string;
  /** Whether the user hid the person. */
  hidden: boolean;
  /** The number of the face that represents the person. */
  cover: number;
  /** The number of faces. */
  faces: number;
  /** How many of them the user put into the person, or confirmed. */
  confirmed: number;
  /** The number of photos. */
  photos: number;
}

/** A page of a list. */
export interface Page<Item> {
  /** The items of this page. */
  items: Item[];
  /** The number of items on all pages. */
  total: number;
  /** Pass it as `after` for the next page. Undefined on the last page. */
  next: number | undefined;
}

/** Which part of a list to return. */
export interface PageOptions {
  /** The maximum number of items. @default 100 */
  limit?: number;
  /** `next` of the page before. @default 0 */
  after?: number;
}

/** Which photos to return. */
export interface PhotoQuery extends PageOptions {
  /** The earliest time of a photo. Default: no limit. */
  from?: Date;
  /** The latest time of a photo. No photo is found if it is before `from`. Default: no limit. */
  to?: Date;
}

/** Whether two groups of faces are one person. */
export interface Question {
  /** The numbers of both people. If one is named, it is the second. */
  people: [number, number];
  /** Faces to show of each, the most telling first. */
  faces: [number[], number[]];
  /** The probability that both are the same person, 0 to 1. */
  probability: number;
}

/** A person of the gallery that a group of faces may be. */
export interface NameSuggestion {
  /** The number of the person in the library. */
  person: number;
  /** The name in the gallery. */
  name: string;
  /** The person's id in the gallery. */
  galleryPerson: string;
  /** The face that was identified. */
  face: number;
  /** The probability that both are the same person, 0 to 1. */
  probability: number;
}
