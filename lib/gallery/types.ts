import type { ComparisonRule, LabelledEmbedding, Verdict } from '../comparison/compare.ts';
import type { Abortable, Box, Face, ImageSource, Landmarks } from '../core/types.ts';
import type { Consent, RetentionOptions } from './consent.ts';
import type { ErasureReceipt } from './receipt.ts';

/** Application data about a person: any JSON object. */
export type Metadata = Record<string, unknown>;

/** An enrolled face of a person, without its embedding. */
export interface EnrolledFace {
  /** A random UUID. */
  id: string;
  /** The quality, 0 to 1; undefined if unknown. */
  quality: number | undefined;
  /** The name of the model that made the embedding. */
  model: string;
  /** When the face was enrolled. */
  addedAt: Date;
  /** Whether the crop of the face is stored. */
  hasCrop: boolean;
}

/** A person in a gallery. */
export interface Person {
  /** A random UUID, which reveals nothing about the person. */
  id: string;
  /** The name, which need not be unique. */
  name: string;
  /** Application data; empty if none was given. */
  metadata: Metadata;
  /** When the person was enrolled. */
  createdAt: Date;
  /** The person's consent, as it was given to `enrol` or `retain`; undefined if none was. */
  consent: Consent | undefined;
  /** When the person is removed, if the consent does not end earlier; undefined: never. */
  expiresAt: Date | undefined;
  /** When the person was last recognised; undefined if never, or without the option `removeUnseenAfter`. */
  lastSeenAt: Date | undefined;
  /** The person's enrolled faces, in the order in which they were added. */
  faces: EnrolledFace[];
}

/** The number of enrolled faces whose embeddings one model made. */
export interface ModelCounts {
  /** The model's name. */
  model: string;
  /**
   * Whether this is the model that the gallery compares with. Enrolled faces of other models cannot be searched, nor those whose
   * embeddings have another number of elements: these are counted separately.
   */
  current: boolean;
  /** The number of enrolled faces. */
  faces: number;
  /** The number of enrolled faces with a stored crop, from which another model can embed them again. */
  crops: number;
}

/** An enrolled face and its person, by their ids. */
export interface EnrolledFaceReference {
  /** The person's id. */
  person: string;
  /** The id of the enrolled face. */
  face: string;
}

/** The result of {@link Gallery.reembed}. */
export interface Reembedding {
  /** The number of enrolled faces that were embedded again. */
  embedded: number;
  /** The enrolled faces without a stored crop. */
  withoutCrop: EnrolledFaceReference[];
  /** The enrolled faces in whose stored crop no face was found. */
  withoutFace: EnrolledFaceReference[];
  /** The receipt of the enrolled faces that `removeRest` has removed; undefined if none were. */
  receipt: ErasureReceipt | undefined;
}

/** A face to enrol. Faces returned by `embed()` satisfy it. */
export interface GalleryFace extends LabelledEmbedding {
  /** The face's box. If several faces are allowed, the one with the largest box is enrolled. */
  box?: Box;
}

/** The person to enrol: a new one by name, or a known one by id. */
export type Enrollee =
  | {
      name: string;
      /** Application data. @default {} */
      metadata?: Metadata;
    }
  | { id: string };

/** A person with an enrolled face that matches a face. */
export interface Candidate {
  /** The person whose enrolled face matches. */
  person: { id: string; name: string; metadata: Metadata };
  /** The id of the person's nearest enrolled face. */
  face: string;
  /** The distance to that enrolled face, in the model's metric. */
  distance: number;
  /** The probability that both are the same person at even prior, 0 to 1, as `compare` returns it. */
  probability: number;
  /** The largest distance of a match of two faces of this quality. */
  threshold: number;
  /** Whether the quality of both faces decided, as `compare` returns it. */
  basis: Verdict['basis'];
}

/** A reason against enrolling a face. */
export type EnrolmentIssue =
  | { kind: 'no-face' }
  | { kind: 'several-faces'; faces: number }
  | { kind: 'low-quality'; quality: number; minimum: number }
  /** The photo is too poor to tell people apart. It cannot be allowed: take a sharper, brighter photo of the uncovered face. */
  | { kind: 'too-poor'; strangerSimilarity: number; limit: number }
  | { kind: 'other-person'; candidate: Candidate }
  /** The face matches none of the person's enrolled faces. A stranger's face would let the stranger pass as the person. */
  | { kind: 'not-this-person'; distance: number; threshold: number; probability: number };

/** The result of {@link Gallery.enrol}: the enrolled face with warnings, or the reasons why nothing was added. */
export type Enrolment =
  | { enrolled: true; person: Person; face: EnrolledFace; warnings: EnrolmentIssue[] }
  | { enrolled: false; reasons: EnrolmentIssue[] };

/** Options of {@link Gallery.enrol}. */
export interface EnrolOptions extends Abortable, RetentionOptions {
  /** The issues to report as warnings instead of reasons. @default [] */
  allow?: readonly Exclude<EnrolmentIssue['kind'], 'no-face' | 'too-poor'>[];
  /**
   * The minimum quality, 0 to 1. Faces of unknown quality pass. The default rejects about one LFW face in forty.
   *
   * @default 0.1
   */
  minQuality?: number;
  /**
   * The false-accept rate of the checks whether the face belongs to another person, and whether it is a known person's
   * own.
   *
   * @default 0.001
   */
  far?: number;
  /**
   * The aligned crop of the face (`facenet.align`), stored with the embedding so that it can be embedded again when the
   * model changes. Default: none.
   */
  crop?: ImageData | Blob;
}

/** Options of the methods that read a gallery to show it. */
export interface ReadOptions extends Abortable {
  /**
   * Whether the call does not count as use of the gallery, so that it does not defer `lockAfter`. Pass `true` in
   * `onChange`: otherwise the changes of one tab would keep another one unlocked that nobody uses.
   *
   * @default false
   */
  background?: boolean;
}

/** Options of {@link Gallery.identify}. `far` and `fpir` exclude each other. */
export interface IdentifyOptions extends Abortable {
  /** The false-accept rate of each comparison. Default: the one that follows from `fpir`. */
  far?: number;
  /**
   * The false-positive identification rate: the share of people outside the gallery who match somebody in it. Default:
   * 0.01, or the lowest rate that the calibration covers at the gallery's size.
   */
  fpir?: number;
  /** The maximum number of candidates, 1 to 50. @default 5 */
  limit?: number;
  /**
   * Whether the call does not count as use of the gallery, so that it does not defer `lockAfter`. `watch` identifies so:
   * otherwise a running camera would keep the gallery unlocked.
   *
   * @default false
   */
  background?: boolean;
}

/** The threshold of a search and its error rates at the gallery's size. */
export interface OperatingPoint {
  /** The false-accept rate of each comparison. */
  far: number;
  /** The false-positive identification rate, 1 − (1 − far)^faces. */
  fpir: number;
  /** The number of enrolled faces searched. */
  faces: number;
  /** The largest distance of a match, if the quality of both faces is unknown. Otherwise it depends on the quality. */
  threshold: number;
}

/** The result of an identification: candidates, or no match. */
export interface Identification<C = Candidate> extends OperatingPoint {
  /** The nearest candidate; undefined if no person in the gallery matches. */
  match: C | undefined;
  /**
   * `quality`: nobody matches, but an enrolled face is near, and it and the face are too poor to be compared. Take a
   * sharper, brighter photo.
   */
  reason?: 'quality';
  /** The people within the threshold, nearest first; empty if no person in the gallery matches. */
  candidates: C[];
}

/** The rule by which a gallery compares embeddings. A loaded `FaceNet` satisfies it. */
export interface EmbeddingSource {
  /** The model, metric and calibration of the embeddings. */
  readonly rule: ComparisonRule;
}

/** Embeds the faces in stored crops. A loaded `FaceNet` satisfies it. */
export interface CropEmbedder extends EmbeddingSource {
  /**
   * Finds the landmarks of a face whose box is known, aligns it to the model's template and embeds it.
   *
   * @param source the picture that shows the face.
   * @param face where the face is, in pixels of the picture.
   * @param options a signal that cancels the call.
   */
  embed(
    source: ImageSource,
    face: Face,
    options?: Abortable,
  ): Promise<LabelledEmbedding & { landmarks: Pick<Landmarks, 'presence'> }>;
}
