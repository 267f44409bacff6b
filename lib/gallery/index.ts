/** facenet-web/gallery: people and their enrolled faces, stored in the browser, and identification. */

export type { Consent, RetentionOptions } from './consent.ts';
export { Rotation, TemplateKey } from './crypto/rotation.ts';
export { encodingOfFace, type ImportedEncoding, readEncodings } from './encodings.ts';
export { Gallery } from './gallery.ts';
export { verifyLog } from './log.ts';
export type { EnrolmentCheck, EnrolmentMatch, LogEntry, LogEvent } from './log-events.ts';
export { farFor, fpirAt, type IndexCandidate, identifyIn, operatingPoint } from './open-set.ts';
export type { EraseOptions, ExportOptions, GalleryOptions } from './options.ts';
export { type Erased, type ErasureReceipt, receiptDigest } from './receipt.ts';
export { ExactIndex } from './search/exact.ts';
export { PgVectorIndex } from './search/pgvector.ts';
export type { PgQuery, PgSearchOptions, PgVectorOptions } from './search/pgvector-options.ts';
export { QdrantIndex, type QdrantLike } from './search/qdrant.ts';
export { QuantisedIndex } from './search/quantised.ts';
export type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './search/vector-index.ts';
export type { DamagedRecord } from './storage/store.ts';
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
  ReadOptions,
  Reembedding,
} from './types.ts';
