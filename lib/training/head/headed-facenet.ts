import type { CompareOptions, ComparisonRule, LabelledEmbedding, Verdict } from '../../comparison/compare.ts';
import type { Abortable, EmbeddedFace, Face, ImageSource } from '../../core/types.ts';
import type { DetectOptions } from '../../pipeline/options.ts';

/** What a head needs of a FaceNet; every loaded `FaceNet` is one. */
export interface BaseFaceNet {
  readonly models: { embedder: string };
  embed(source: ImageSource, options?: DetectOptions): Promise<EmbeddedFace[]>;
  embed<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & EmbeddedFace>;
  embed<F extends Face>(source: ImageSource, faces: readonly F[], options?: Abortable): Promise<(F & EmbeddedFace)[]>;
  embedCrop(crop: ImageSource, options?: Abortable): Promise<LabelledEmbedding>;
}

/** What it needs of a head. */
interface AppliedHead {
  readonly rule: ComparisonRule;
  apply<F extends LabelledEmbedding>(face: F): F;
  apply<F extends LabelledEmbedding>(faces: readonly F[]): F[];
  compare(a: LabelledEmbedding, b: LabelledEmbedding, options?: CompareOptions): Verdict;
}

/**
 * A FaceNet whose embeddings are a head's. It throws what the two throw; `Gallery.open({ facenet })` and `gallery.reembed()` take it.
 * It has nothing of its own to free.
 */
export class HeadedFaceNet {
  readonly #facenet: BaseFaceNet;
  readonly #head: AppliedHead;

  /** @internal Made by `head.on(facenet)`. */
  constructor(facenet: BaseFaceNet, head: AppliedHead) {
    this.#facenet = facenet;
    this.#head = head;
  }

  /** How the head's embeddings are compared. */
  get rule(): ComparisonRule {
    return this.#head.rule;
  }

  /** `facenet.embed`, with the head's embeddings. */
  embed(source: ImageSource, options?: DetectOptions): Promise<EmbeddedFace[]>;
  embed<F extends Face>(source: ImageSource, face: F, options?: Abortable): Promise<F & EmbeddedFace>;
  embed<F extends Face>(source: ImageSource, faces: readonly F[], options?: Abortable): Promise<(F & EmbeddedFace)[]>;
  async embed(
    source: ImageSource,
    facesOrOptions?: Face | readonly Face[] | DetectOptions,
    options?: Abortable,
  ): Promise<EmbeddedFace | EmbeddedFace[]> {
    // The union is one of the overloads, which a call through it cannot express.
    const embed = this.#facenet.embed.bind(this.#facenet) as (
      ...given: unknown[]
    ) => Promise<EmbeddedFace | EmbeddedFace[]>;
    const embedded = await embed(source, facesOrOptions, options);
    return Array.isArray(embedded) ? this.#head.apply(embedded) : this.#head.apply(embedded);
  }

  /** `facenet.embedCrop`, with the head's embedding. */
  async embedCrop(crop: ImageSource, options: Abortable = {}): Promise<LabelledEmbedding> {
    return this.#head.apply(await this.#facenet.embedCrop(crop, options));
  }

  /** `facenet.compare`, of the head's embeddings. */
  compare(a: LabelledEmbedding, b: LabelledEmbedding, options: CompareOptions = {}): Verdict {
    return this.#head.compare(a, b, options);
  }
}
