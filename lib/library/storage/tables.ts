import type { ComparisonRule } from '../../comparison/compare.ts';
import { isInstance } from '../../core/brand.ts';
import type { Box, EmbedderIdentity } from '../../core/types.ts';
import type { GraphBlock } from '../../neighbours/face-graph.ts';
import type { Embedder } from './embedder.ts';

/** The state of a file in the queue. `changed`: indexed before, and different since. */
export type FileState = 'waiting' | 'done' | 'failed' | 'changed';

/** A file that was added. Several files with the same bytes have one photo. */
export interface FileRow {
  number: number;
  /** The path relative to the chosen folder, or the name. Different files may have one name. */
  path: string;
  /** In bytes. */
  size: number;
  /** The time of the last modification, in milliseconds since 1970. */
  modified: number;
  state: FileState;
  /** How often reading or indexing it failed since it began to wait, with the present attempt. 0 once it is indexed. */
  attempts: number;
  /** Why it failed: the code and the message of the last error. */
  reason?: { code: string; message: string };
  /** If indexing it used all attempts up by ending the page or the worker: with what, see `indexKey`. */
  lostWith?: string;
  /** The number of its photo. Of a changed file, that of its former contents until the new ones are indexed. */
  photo?: number;
  /** Where to read it after a reload. A stored copy is removed once the file is indexed. */
  source?: Blob | FileSystemFileHandle;
}

/** The handle of a file that was added by one; undefined for a stored copy, which can be of another realm, and without a source. */
export function handleOf(source: FileRow['source']): FileSystemFileHandle | undefined {
  return source && !isInstance(source, 'Blob') ? source : undefined;
}

/** An indexed photo. */
export interface PhotoRow {
  number: number;
  /** The SHA-256 of the file. */
  id: string;
  path: string;
  /** In pixels, with the EXIF orientation applied. */
  width: number;
  height: number;
  /** When it was taken by its EXIF data, else when the file was modified: milliseconds since 1970. */
  time: number;
  /** Whether `time` is from EXIF data. */
  taken: boolean;
  /** The EXIF orientation of the file, 1 to 8. */
  orientation: number;
  /** The numbers of its faces. */
  faces: number[];
  /** What indexed it, see `indexKey`. */
  key: string;
  /** Whether it was imported, or a face of it could not be embedded again: adding its file indexes it again. */
  isIncomplete?: boolean;
}

/** A detected face with its embedding. */
export interface FaceRow {
  number: number;
  /** The number of its photo. */
  photo: number;
  /** In pixels of the photo, with the EXIF orientation applied. */
  box: Box;
  /**
   * That of the detection, by which its crop is turned, if it has one. Without it the crop is not turned: an earlier build made it, or
   * there is none, because an earlier build exported the face.
   */
  roll?: number;
  score: number;
  /** The overall quality, 0 to 1. */
  quality: number;
  /** As `quality.strangerSimilarity` of an embedded face. */
  strangerSimilarity?: number;
  /** The model that computed it, as `quality.strangerModel`. Without it the similarity is not used: its scale is unknown. */
  strangerModel?: string;
  embedding: Float32Array;
  model: string;
  /** The library's embedder that computed the embedding, see {@link MetaRow.generation}. @default 0 */
  generation?: number;
}

/** An image file: a face's crop, or a photo's preview. */
export interface ImageRow {
  /** The number of the face or photo. */
  number: number;
  type: string;
  data: ArrayBuffer;
}

/** What is known of a person beside the faces. People without a name, a cover or a correction have no row. */
export interface PersonRow {
  number: number;
  /** Empty without a name. */
  name: string;
  hidden: boolean;
  /** The face that was chosen to represent the person. */
  cover?: number;
  /** Names that the user rejected. */
  refused: string[];
}

/**
 * A constraint. `not-person`: face `a` is not of person `b`. `different`: the people `a` and `b` are not the same.
 * `unsure`: the user could not say whether the people `a` and `b` are the same, so the question is not asked again.
 */
export interface ConstraintRow {
  key: string;
  kind: 'not-person' | 'different' | 'unsure';
  a: number;
  b: number;
}

/** The columns of consecutive faces. */
export interface ColumnRow {
  /** The number of the block: face `n` is in block ⌊n / blockSize⌋. */
  number: number;
  photo: Uint32Array;
  time: Float64Array;
  order: Uint32Array;
  person: Uint32Array;
  flags: Uint8Array;
}

/** What a change by the user replaced, to undo it. */
export interface JournalRow {
  number: number;
  /** The name of the method that made the change. */
  change: string;
  faces: Uint32Array;
  person: Uint32Array;
  flags: Uint8Array;
  people: { number: number; row: PersonRow | undefined }[];
  constraints: { key: string; row: ConstraintRow | undefined }[];
}

/** A photo that no file has any more. It is removed once no file waits, because another file may have its bytes. */
export interface Orphan {
  photo: number;
  /** The photo that its file has now. */
  successor?: number;
  /** Whether that photo was in the library already: it may be an unrelated one. */
  isKnown?: boolean;
}

/** The library's own record. */
export interface MetaRow {
  key: 'library';
  version: number;
  rule: ComparisonRule;
  /** What computed the embeddings. */
  identity: EmbedderIdentity;
  /** Counts the embedders that the library has had. Embeddings with other numbers are not comparable. @default 0 */
  generation?: number;
  /** The embedder of an update that has not ended, and the faces whose crops stopped it because they could not be read. */
  updating?: Embedder & { generation: number; unreadable?: readonly number[] };
  /**
   * The numbers of the next file, photo, face, person, journal entry and embedder. Numbers are never used twice. A library that never
   * changed its embedder has no number of the next one.
   */
  next: { file: number; photo: number; face: number; person: number; journal: number; generation?: number };
  /** The oldest first. @default [] */
  orphans?: readonly Orphan[];
  /** The number of faces that the stored graph covers. */
  graphed: number;
  /** Those of them whose embeddings were replaced since. @default [] */
  relinked?: readonly number[];
  /** The number of faces that were removed since the graph was built from all embeddings. @default 0 */
  removed?: number;
  /** The number of faces when all were grouped for the last time, without those whose embeddings were replaced since. */
  grouped: number;
}

/** The tables and their rows. */
export interface Tables {
  meta: MetaRow;
  files: FileRow;
  photos: PhotoRow;
  faces: FaceRow;
  crops: ImageRow;
  previews: ImageRow;
  columns: ColumnRow;
  graph: GraphBlock;
  people: PersonRow;
  constraints: ConstraintRow;
  journal: JournalRow;
}

export type TableName = keyof Tables;

/** The property that identifies a row. */
export const keyPaths: Record<TableName, 'key' | 'number'> = {
  meta: 'key',
  files: 'number',
  photos: 'number',
  faces: 'number',
  crops: 'number',
  previews: 'number',
  columns: 'number',
  graph: 'number',
  people: 'number',
  constraints: 'key',
  journal: 'number',
};

/** The indexed properties, beside the key. */
export const indexes: { [T in TableName]?: readonly string[] } = {
  files: ['path', 'state', 'photo'],
  photos: ['id', 'time'],
};

/** All tables. */
export const tableNames = Object.keys(keyPaths) as TableName[];
