import type { ComparisonRule, LabelledEmbedding } from '../comparison/compare.ts';
import type { Abortable, Box, ImageSource } from '../core/types.ts';

/** Anything about a person that JSON can hold. */
export type Metadata = Record<string, unknown>;

/** One template of a person, without its embedding. */
export interface TemplateInfo {
  id: string;
  /** The quality of the face that it was made of, 0 to 1; undefined where none was told. */
  quality: number | undefined;
  /** The name of the model that made the embedding. */
  model: string;
  addedAt: Date;
  /** Whether the crop of the face is kept beside it. */
  hasCrop: boolean;
}

/** A person in a gallery. */
export interface Person {
  /** A random UUID, made by the gallery: it tells nothing of the person. */
  id: string;
  name: string;
  metadata: Metadata;
  createdAt: Date;
  /** The person's templates, in the order in which they were added. */
  templates: TemplateInfo[];
}

/** A face as a gallery takes it: every face that `embed()` returns is one. */
export interface GalleryFace extends LabelledEmbedding {
  /** How good the face is to recognise, 0 to 1 in `overall`, where that is known. */
  quality?: { overall: number } | undefined;
  /** Where the face is; of several faces the largest box is taken when several are allowed. */
  box?: Box;
}

/** Who is enrolled: somebody new by a name, or somebody who is in the gallery by an id. */
export type Enrollee = { name: string; metadata?: Metadata } | { id: string };

/** Somebody whom a face may belong to. */
export interface Candidate {
  person: { id: string; name: string; metadata: Metadata };
  /** The id of the person's template that is nearest to the face. */
  template: string;
  /** The distance to that template, in the model's metric. */
  distance: number;
  /** The probability that the two are of one person at even prior, 0 to 1, as `compare` tells it. */
  probability: number;
}

/** What speaks against enrolling a face. */
export type EnrolmentIssue =
  | { kind: 'no-face' }
  | { kind: 'several-faces'; faces: number }
  | { kind: 'low-quality'; quality: number; minimum: number }
  | { kind: 'other-person'; candidate: Candidate };

/** What {@link Gallery.enrol} did: a template was added, perhaps with warnings, or nothing was changed, and why. */
export type Enrolment =
  | { enrolled: true; person: Person; template: TemplateInfo; warnings: EnrolmentIssue[] }
  | { enrolled: false; reasons: EnrolmentIssue[] };

/** What {@link Gallery.enrol} can be told. */
export interface EnrolOptions extends Abortable {
  /** The issues that shall only be warned of. Default: none. That there is no face cannot be allowed. */
  allow?: readonly Exclude<EnrolmentIssue['kind'], 'no-face'>[];
  /** The least quality that a face must have, 0 to 1. Default: 0.1, below which lies about one face of LFW in forty. Faces whose quality is unknown pass. */
  minQuality?: number;
  /** The false-accept rate at which a face is taken for somebody else's. Default: 0.001. */
  far?: number;
  /**
   * The aligned crop of the face (`facenet.align`), to be kept with the template, so that it can be embedded again when the
   * model changes. Default: none is kept.
   */
  crop?: ImageData | Blob;
}

/** What {@link Gallery.identify} can be told. At most one of `far` and `fpir` may be given. */
export interface IdentifyOptions extends Abortable {
  /** The false-accept rate of each single comparison; the FPIR that follows for the gallery's size is stated. */
  far?: number;
  /**
   * The false-positive identification rate: of probes of people who are not in the gallery, the share that may be taken for
   * somebody. Default: 0.01, or the least that the calibration can tell for a gallery of this size.
   */
  fpir?: number;
  /** The most candidates to return, 1 to 50. Default: 5. */
  limit?: number;
}

/** How strictly a search decided, and what that means for a gallery of its size. */
export interface OperatingPoint {
  /** The false-accept rate of each comparison. */
  far: number;
  /** The false-positive identification rate, 1 − (1 − far)^templates. */
  fpir: number;
  /** How many templates the probe was compared with. */
  templates: number;
  /** The largest distance at which a template counts as the probe's. */
  threshold: number;
}

/** The answer to who somebody is: candidates, or nobody. */
export interface Identification<C = Candidate> extends OperatingPoint {
  /** The best candidate; undefined when the face is nobody's in the gallery. */
  match: C | undefined;
  /** The people within the threshold, nearest first; empty when the face is nobody's in the gallery. */
  candidates: C[];
}

/** What a gallery needs of a FaceNet to compare what it made; every loaded `FaceNet` is one. */
export interface EmbeddingSource {
  readonly rule: ComparisonRule;
}

/** What a gallery needs of a FaceNet to embed kept crops again; every loaded `FaceNet` is one. */
export interface CropEmbedder extends EmbeddingSource {
  embedCrop(crop: ImageSource, options?: Abortable): Promise<LabelledEmbedding>;
}
