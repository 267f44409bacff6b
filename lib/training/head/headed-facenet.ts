import type { CompareOptions, ComparisonRule, LabelledEmbedding, Verdict } from '../../comparison/compare.ts';
import type { Abortable, EmbeddedFace, Face, ImageSource } from '../../core/types.ts';
import type { DetectOptions } from '../../pipeline/options.ts';

/** The part of `FaceNet` that {@link HeadedFaceNet} uses; every loaded `FaceNet` satisfies it. */
export interface BaseFaceNet {
  /** The names of the models in use. */
  readonly models: { embedder: string };
  /**
   * Finds and embeds all faces of a picture.
   *
   * @param source the picture.
   * @param options how faces are searched for, and a signal that cancels the call.
   */
  embed(source: ImageSource, options?: DetectOptions): Promise<EmbeddedFace[]>;
  /**
   * Embeds a face.
   *
   * @param source the picture that shows the face.
   * @param face the face, as `detect` or `landmarks` returned it.
   * @param options a signal that cancels the call.
   */
  embed<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & EmbeddedFace>;
  /**
   * Embeds several faces of a picture.
   *
   * @param source the picture that shows the faces.
   * @param faces the faces, as `detect` or `landmarks` returned them.
   * @param options a signal that cancels the call.
   */
  embed<F extends Face>(source: ImageSource, faces: readonly F[], options?: Abortable): Promise<(F & EmbeddedFace)[]>;
  /**
   * Embeds an aligned crop of a face.
   *
   * @param crop a crop of the size and alignment that the embedder takes, from `facenet.align`.
   * @param options a signal that cancels the call.
   */
  embedCrop(crop: ImageSource, options?: Abortable): Promise<LabelledEmbedding>;
}

/** The part of `Head` that {@link HeadedFaceNet} uses. Declared here because `Head` imports this file. */
interface AppliedHead {
  readonly rule: ComparisonRule;
  apply<F extends LabelledEmbedding>(face: F): F;
  apply<F extends LabelledEmbedding>(faces: readonly F[]): F[];
  compare(a: LabelledEmbedding, b: LabelledEmbedding, options?: CompareOptions): Verdict;
}

/**
 * A FaceNet that applies a head to its embeddings. `Gallery.open({ facenet })` and `gallery.reembed()` accept it. Its methods throw
 * the errors of the FaceNet and of the head. It holds no resources of its own.
 *
 * @example
 * const head = await trainHead(gallery);
 * const headed = head.on(facenet);
 * const [first, second] = await headed.embed(photo);
 * show(headed.compare(first, second, { far: 0.05 }));
 */
export class HeadedFaceNet {
  readonly #facenet: BaseFaceNet;
  readonly #head: AppliedHead;

  /** @internal Created by `head.on(facenet)`. */
  constructor(facenet: BaseFaceNet, head: AppliedHead) {
    this.#facenet = facenet;
    this.#head = head;
  }

  /** The comparison rule of the head's embeddings. */
  get rule(): ComparisonRule {
    return this.#head.rule;
  }

  /**
   * Finds and embeds all faces of a picture, like `facenet.embed`, with the head's embeddings.
   *
   * @param source the picture.
   * @param options how faces are searched for, and a signal that cancels the call.
   */
  embed(source: ImageSource, options?: DetectOptions): Promise<EmbeddedFace[]>;
  /**
   * Embeds a face, with the head's embedding.
   *
   * @param source the picture that shows the face.
   * @param face the face, as `detect` or `landmarks` returned it.
   * @param options a signal that cancels the call.
   */
  embed<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & EmbeddedFace>;
  /**
   * Embeds several faces of a picture, with the head's embeddings.
   *
   * @param source the picture that shows the faces.
   * @param faces the faces, as `detect` or `landmarks` returned them.
   * @param options a signal that cancels the call.
   */
  embed<F extends Face>(source: ImageSource, faces: readonly F[], options?: Abortable): Promise<(F & EmbeddedFace)[]>;
  async embed(
    source: ImageSource,
    facesOrOptions?: Face | readonly Face[] | DetectOptions,
    options?: Abortable,
  ): Promise<EmbeddedFace | EmbeddedFace[]> {
    // TypeScript cannot call an overloaded method with a union of its argument lists.
    const embed = this.#facenet.embed.bind(this.#facenet) as (
      ...args: unknown[]
    ) => Promise<EmbeddedFace | EmbeddedFace[]>;
    const embedded = await embed(source, facesOrOptions, options);
    return Array.isArray(embedded) ? this.#head.apply(embedded) : this.#head.apply(embedded);
  }

  /**
   * Embeds an aligned crop of a face, like `facenet.embedCrop`, with the head's embedding.
   *
   * @param crop a crop of the size and alignment that the embedder takes, from `facenet.align`.
   * @param options a signal that cancels the call.
   */
  async embedCrop(crop: ImageSource, options: Abortable = {}): Promise<LabelledEmbedding> {
    return this.#head.apply(await this.#facenet.embedCrop(crop, options));
  }

  /**
   * Compares two faces, like `facenet.compare`.
   *
   * @param a a face that this object embedded.
   * @param b another one.
   * @param options the false-accept rate of the decision.
   */
  compare(a: LabelledEmbedding, b: LabelledEmbedding, options: CompareOptions = {}): Verdict {
    return this.#head.compare(a, b, options);
  }
}
