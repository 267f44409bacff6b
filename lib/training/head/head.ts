import {
  type CompareOptions,
  type ComparisonRule,
  compareEmbeddings,
  type LabelledEmbedding,
  type Verdict,
} from '../../comparison/compare.ts';
import { FaceNetError } from '../../core/errors.ts';
import { fingerprint, type HeadContent, readHead, writeHead } from './file.ts';
import { type BaseFaceNet, HeadedFaceNet } from './headed-facenet.ts';
import { type Projection, project, projectionOf } from './projection.ts';
import type { TrainingResult } from './train.ts';
import type { HeadReport } from './types.ts';

/**
 * A head that {@link trainHead} has learned: it turns the embeddings of its base model into embeddings of its own, of length 1,
 * whose model is `head.model`, so that the two kinds refuse to be compared. It is made of people's faces: keep it as you keep
 * those. After {@link dispose} everything but its names throws `disposed`.
 */
export class Head {
  /** The name of its embeddings' model: the base's, and the beginning of the SHA-256 of its numbers. */
  readonly model: string;
  #content: HeadContent | undefined;
  #projection: Projection | undefined;

  private constructor(content: HeadContent, sha256: string) {
    this.model = `${content.base}+head-${sha256.slice(0, 12)}`;
    this.#content = content;
    this.#projection = projectionOf(content, Float64Array.from(content.numbers));
  }

  /** @internal What training gave, as a head. Its numbers become float32, so that a saved one is the same to the last bit. */
  static async of(base: string, { projection, calibration, report }: TrainingResult): Promise<Head> {
    const { inputs, outputs, hidden } = projection;
    const numbers = Float32Array.from(projection.numbers);
    return new Head({ base, inputs, outputs, hidden, numbers, calibration, report }, await fingerprint(numbers));
  }

  /**
   * Loads a head that {@link save} wrote.
   *
   * @throws {FaceNetError} `head-invalid` for what is no head or a damaged one, `head-version` for one of a newer release.
   */
  static async load(file: Blob): Promise<Head> {
    if (!(file instanceof Blob)) throw new FaceNetError('option-invalid', 'Pass the saved head as a Blob or File.');
    const content = await readHead(file);
    return new Head(content, await fingerprint(content.numbers));
  }

  /** The name of the model whose embeddings it takes. */
  get base(): string {
    return this.#open().base;
  }

  /** How many numbers its embeddings have. */
  get dimension(): number {
    return this.#open().outputs;
  }

  /** How it was trained, and what that gave for the people who were held out. */
  get report(): HeadReport {
    return this.#open().report;
  }

  /** Whether enough people were held out to say what its distances mean: 30 pairs of one person, and 1,000 of two. */
  get calibrated(): boolean {
    return this.#open().calibration !== undefined;
  }

  /**
   * What decides how its embeddings are compared, as `facenet.rule`: so that `Gallery.open({ facenet: head })` takes it.
   *
   * @throws {FaceNetError} `not-calibrated` when too few people were held out.
   */
  get rule(): ComparisonRule {
    const { calibration, outputs } = this.#open();
    if (!calibration) {
      throw new FaceNetError(
        'not-calibrated',
        'Too few people were held out to say what the head’s distances mean: train with more people, or a larger heldOut.',
      );
    }
    return { model: this.model, dimension: outputs, metric: 'euclidean', calibration };
  }

  /**
   * Turns embeddings of the base model into the head's own.
   *
   * @param faces a face or embedding that says which model made it, or a list; what else it has stays.
   * @throws {FaceNetError} `model-mismatch` for embeddings of another model, `option-invalid` for what is none or not finite.
   */
  apply<F extends LabelledEmbedding>(faces: F): F;
  apply<F extends LabelledEmbedding>(faces: readonly F[]): F[];
  apply(faces: LabelledEmbedding | readonly LabelledEmbedding[]): LabelledEmbedding | LabelledEmbedding[] {
    if (Array.isArray(faces)) return (faces as readonly LabelledEmbedding[]).map((face) => this.apply(face));
    const face = faces as LabelledEmbedding;
    const { base, inputs } = this.#open();
    if (!(face?.embedding instanceof Float32Array && face.embedding.every(Number.isFinite))) {
      throw new FaceNetError('option-invalid', 'Not an embedding: pass faces that embed() returned.');
    }
    if (face.model !== base || face.embedding.length !== inputs) {
      throw new FaceNetError(
        'model-mismatch',
        `The embedding of ${face.embedding.length} numbers was made by "${face.model}", and the head takes ${inputs} of "${base}": embed with that model.`,
      );
    }
    const [unit] = project(this.#projection as Projection, [face.embedding]).units;
    return { ...face, embedding: Float32Array.from(unit as Float64Array), model: this.model };
  }

  /**
   * Compares two embeddings that the head made, as `facenet.compare` does.
   *
   * @throws {FaceNetError} `not-calibrated`, `model-mismatch`, or `option-invalid` for a false-accept rate that it was not
   *   calibrated for: the fewer people were held out, the fewer rates.
   */
  compare(
    a: LabelledEmbedding | Float32Array,
    b: LabelledEmbedding | Float32Array,
    options: CompareOptions = {},
  ): Verdict {
    return compareEmbeddings(a, b, this.rule, options);
  }

  /**
   * The head on top of the FaceNet that makes its base embeddings: an embedder of its own, which lives as long as both.
   *
   * @throws {FaceNetError} `model-mismatch` for a FaceNet with another embedder.
   */
  on(facenet: BaseFaceNet): HeadedFaceNet {
    const { base } = this.#open();
    const { embedder } = facenet.models;
    if (embedder === base) return new HeadedFaceNet(facenet, this);
    throw new FaceNetError(
      'model-mismatch',
      `The head takes embeddings of "${base}": load a FaceNet with it, not with "${embedder}".`,
    );
  }

  /** The head as a file, in the format of docs/training.md; {@link load} reads it. */
  async save(): Promise<Blob> {
    return writeHead(this.#open());
  }

  /** Forgets what was learned. It can be called again. */
  dispose(): void {
    this.#content?.numbers.fill(0);
    this.#projection?.numbers.fill(0);
    this.#content = undefined;
    this.#projection = undefined;
  }

  /** The same as {@link dispose}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }

  #open(): HeadContent {
    if (this.#content) return this.#content;
    throw new FaceNetError('disposed', 'This head was disposed of: train or load another.');
  }
}
