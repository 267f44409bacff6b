/** facenet-web/gallery: people and their enrolled faces, stored in the browser, and identification. */

export { Rotation, TemplateKey } from './crypto/rotation.ts';
export { Gallery } from './gallery.ts';
export { farFor, fpirAt, type IndexCandidate, identifyIn, operatingPoint } from './open-set.ts';
export type { EraseOptions, ExportOptions, GalleryOptions } from './options.ts';
export { ExactIndex } from './search/exact.ts';
export { QdrantIndex, type QdrantLike } from './search/qdrant.ts';
export { QuantisedIndex } from './search/quantised.ts';
export type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './search/vector-index.ts';
export type {
  Candidate,
  CropEmbedder,
  EmbeddingSource,
  EnrolledFace,
  EnrolledFaceReference,
  Enrollee,
  Enrolment,
  EnrolmentIssue,
  EnrolOptions,
  GalleryFace,
  Identification,
  IdentifyOptions,
  Metadata,
  ModelCounts,
  OperatingPoint,
  Person,
  Reembedding,
} from './types.ts';
