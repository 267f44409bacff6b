import type { CompareOptions, ComparisonRule, LabelledEmbedding, Verdict } from '../../comparison/compare.ts';
import type { Abortable, EmbeddedFace, Face, ImageSource } from '../../core/types.ts';
import type { DetectOptions } from '../../pipeline/options.ts';

/** The part of `FaceNet` that {@link HeadedFaceNet} uses; every loaded `FaceNet` satisfies it. */
export interface BaseFaceNet {
  readonly models: { embedder: string };
  embed(source: ImageSource, options?: DetectOptions): Promise<EmbeddedFace[]>;
  embed<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & EmbeddedFace>;
  embed<F extends Face>(source: ImageSource, faces: readonly F[], options?: Abortable): Promise<(F & EmbeddedFace)[]>;
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

  /** Like `facenet.embed`, with the head's embeddings. */
  embed(source: ImageSource, options?: DetectOptions): Promise<EmbeddedFace[]>;
  embed<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & EmbeddedFace>;
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

  /** Like `facenet.embedCrop`, with the head's embedding. */
  async embedCrop(crop: ImageSource, options: Abortable = {}): Promise<LabelledEmbedding> {
    return this.#head.apply(await this.#facenet.embedCrop(crop, options));
  }

  /** Like `facenet.compare`, for the head's embeddings. */
  compare(a: LabelledEmbedding, b: LabelledEmbedding, options: CompareOptions = {}): Verdict {
    return this.#head.compare(a, b, options);
  }
}
