/// <reference lib="esnext.disposable" preserve="true" />
import {
  type CompareOptions,
  type ComparisonRule,
  compareEmbeddings,
  type LabelledEmbedding,
  type Verdict,
} from '../../comparison/compare.ts';
import { isInstance } from '../../core/brand.ts';
import { FaceNetError } from '../../core/errors.ts';
import { isTypedArray } from '../../core/typed-arrays.ts';
import { fingerprint, type HeadContent, readHead, writeHead } from './head-file.ts';
import { type BaseFaceNet, HeadedFaceNet } from './headed-facenet.ts';
import { type Projection, project, projectionOf } from './projection.ts';
import type { TrainingResult } from './training-plan.ts';
import type { HeadReport } from './types.ts';

/**
 * A head that {@link trainHead} trained: it maps embeddings of its base model to embeddings of its own, of length 1. Their model is
 * `head.model`, so that embeddings with and without the head cannot be compared by mistake. A head is derived from faces: protect it
 * like biometric data. After {@link dispose}, every member except `model` throws `disposed`.
 *
 * @example
 * const head = await Head.load(file);
 * const { same, probability } = head.compare(head.apply(face), head.apply(probe));
 * show(same, probability);
 * head.dispose();
 */
export class Head {
  /** The model name of the head's embeddings: the base model's name and the start of the SHA-256 of the head's parameters. */
  readonly model: string;
  #content: HeadContent | undefined;
  #projection: Projection | undefined;

  private constructor(content: HeadContent, sha256: string) {
    this.model = `${content.base}+head-${sha256.slice(0, 12)}`;
    this.#content = content;
    this.#projection = projectionOf(content, Float64Array.from(content.numbers));
  }

  /** @internal Creates a head from a training result. Rounds to float32, so that a saved and loaded head is bit-identical. */
  static async of(base: string, { projection, calibration, report }: TrainingResult): Promise<Head> {
    const { inputs, outputs, hidden } = projection;
    const numbers = Float32Array.from(projection.numbers);
    return new Head({ base, inputs, outputs, hidden, numbers, calibration, report }, await fingerprint(numbers));
  }

  /**
   * Loads a head that {@link save} wrote.
   *
   * @param file the saved head.
   * @throws {FaceNetError} `head-invalid` for a file that is not a head or is damaged, `head-version` for a newer format,
   *   `option-invalid` for anything but a Blob.
   */
  static async load(file: Blob): Promise<Head> {
    if (!isInstance(file, 'Blob'))
      throw new FaceNetError('option-invalid', 'The saved head is not a Blob: pass a Blob or File.');
    const content = await readHead(file);
    return new Head(content, await fingerprint(content.numbers));
  }

  /** The model of the input embeddings. */
  get base(): string {
    return this.#open().base;
  }

  /** The length of the head's embeddings. */
  get dimension(): number {
    return this.#open().outputs;
  }

  /** How the head was trained, and how well it separates the held-out people. */
  get report(): HeadReport {
    return this.#open().report;
  }

  /** Whether enough people were held out for a calibration: 30 same-person and 1,000 different-person pairs. */
  get calibrated(): boolean {
    return this.#open().calibration !== undefined;
  }

  /**
   * The comparison rule of the head's embeddings, like `facenet.rule`. With it, `Gallery.open({ facenet: head })` accepts a head.
   *
   * @throws {FaceNetError} `not-calibrated` when too few people were held out.
   */
  get rule(): ComparisonRule {
    const { calibration, outputs } = this.#open();
    if (!calibration) {
      throw new FaceNetError(
        'not-calibrated',
        'Too few people were held out to calibrate the head: train with more people, or with a larger heldOut.',
      );
    }
    return { model: this.model, dimension: outputs, metric: 'euclidean', calibration };
  }

  /**
   * Maps embeddings of the base model to embeddings of the head.
   *
   * @param faces a face or an embedding with its model.
   * @returns a copy with the embedding and the model of the head.
   * @throws {FaceNetError} `model-mismatch` for an embedding of another model, `option-invalid` for a missing or non-finite one.
   */
  apply<F extends LabelledEmbedding>(faces: F): F;
  /**
   * Maps embeddings of several faces.
   *
   * @param faces the faces or embeddings with their model.
   * @returns copies with the embeddings and the model of the head, in the same order.
   * @throws {FaceNetError} `model-mismatch` for embeddings of another model, `option-invalid` for missing or non-finite ones.
   */
  apply<F extends LabelledEmbedding>(faces: readonly F[]): F[];
  apply(faces: LabelledEmbedding | readonly LabelledEmbedding[]): LabelledEmbedding | LabelledEmbedding[] {
    if (Array.isArray(faces)) return (faces as readonly LabelledEmbedding[]).map((face) => this.apply(face));
    const face = faces as LabelledEmbedding;
    const { base, inputs } = this.#open();
    if (!(isTypedArray(face?.embedding, 'Float32Array') && face.embedding.every(Number.isFinite))) {
      throw new FaceNetError('option-invalid', 'The face has no finite embedding: pass faces that embed() returned.');
    }
    if (face.model !== base || face.embedding.length !== inputs) {
      throw new FaceNetError(
        'model-mismatch',
        `The embedding has ${face.embedding.length} dimensions from "${face.model}", and the head takes ${inputs} from "${base}": use FaceNet.load({ embedder: "${base}" }), or train a new head.`,
      );
    }
    const [unit] = project(this.#projection as Projection, [face.embedding]).units;
    return { ...face, embedding: Float32Array.from(unit as Float64Array), model: this.model };
  }

  /**
   * Compares two embeddings of this head, like `facenet.compare`.
   *
   * @param a a face that {@link apply} returned, or its embedding.
   * @param b another face or embedding of this head.
   * @param options the false-accept rate of the decision.
   * @throws {FaceNetError} `not-calibrated`, `model-mismatch`, or `option-invalid` for a false-accept rate outside the calibrated
   *   range. The fewer people were held out, the smaller the range.
   */
  compare(
    a: LabelledEmbedding | Float32Array,
    b: LabelledEmbedding | Float32Array,
    options: CompareOptions = {},
  ): Verdict {
    return compareEmbeddings(a, b, this.rule, options);
  }

  /**
   * Combines the head with a FaceNet of its base model. The result is usable until either is disposed.
   *
   * @param facenet a FaceNet whose embedder is {@link base}.
   * @throws {FaceNetError} `model-mismatch` for a FaceNet with another embedder.
   */
  on(facenet: BaseFaceNet): HeadedFaceNet {
    const { base } = this.#open();
    const { embedder } = facenet.models;
    if (embedder === base) return new HeadedFaceNet(facenet, this);
    throw new FaceNetError(
      'model-mismatch',
      `The head takes embeddings of "${base}", and this FaceNet uses "${embedder}": use FaceNet.load({ embedder: "${base}" }), or train a new head.`,
    );
  }

  /** Serialises the head in the format of docs/training.md; {@link load} reads it. */
  async save(): Promise<Blob> {
    return writeHead(this.#open());
  }

  /** Overwrites and releases the parameters. Idempotent. */
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
    throw new FaceNetError('disposed', 'The head was disposed: train or load another.');
  }
}
