/** facenet-web/gallery: people with their templates, kept in the browser, and who a face belongs to. */
export { type ExportOptions, Gallery, type GalleryOptions } from './gallery.ts';
export { farFor, fpirAt, type IndexCandidate, identifyIn, operatingPoint } from './open-set.ts';
export { QdrantIndex, type QdrantLike } from './qdrant.ts';
export { Rotation, TemplateKey } from './rotation.ts';
export { ExactIndex } from './search/exact.ts';
export { QuantisedIndex } from './search/quantised.ts';
export type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './search/vector-index.ts';
export type {
  Candidate,
  CropEmbedder,
  EmbeddingSource,
  Enrollee,
  Enrolment,
  EnrolmentIssue,
  EnrolOptions,
  GalleryFace,
  Identification,
  IdentifyOptions,
  Metadata,
  OperatingPoint,
  Person,
  TemplateInfo,
} from './types.ts';
