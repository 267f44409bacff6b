/** facenet-web/library: an index of photos and of the people in them, kept in the browser. */
export type { ImportResult } from './exchange/import.ts';
export type { FaceRegion, RegionPhoto } from './exchange/regions.ts';
export { readRegions, writeRegions } from './exchange/xmp.ts';
export { Library } from './library.ts';
export { LibraryCorrections } from './library-corrections.ts';
export { LibraryQueries } from './library-queries.ts';
export type {
  IndexOptions,
  IndexProgress,
  LibraryFace,
  LibraryFaceNet,
  LibraryFile,
  LibraryPerson,
  LibraryPhoto,
  NameSuggestion,
  Page,
  PageOptions,
  PhotoQuery,
  PhotoSource,
  PhotoSources,
  Question,
  ResumeOptions,
} from './model/types.ts';
export { embedStoredCrop } from './photos/stored-crop.ts';
export type { LibraryOptions } from './session/options.ts';
export type { IdentifyingGallery } from './session/suggestions.ts';
export type { FileState } from './storage/tables.ts';
