import type { Face, Pixels } from '../core/types.ts';
import type { DetectionHead } from '../models/manifest.ts';
import type { GraphicsContext } from '../runtime/context-loss.ts';

/**
 * A face detector: a network that looks at small square pictures. Which parts of a photo it is shown, and how what it
 * finds there comes together, is `detect.ts`'s business, the same for every detector.
 */
export interface Detector {
  /** The model's name. */
  readonly name: string;
  /** The side of the pictures that it looks at, in pixels. */
  readonly inputSize: number;
  /** What it runs on, where that is not the backend. */
  readonly graphics?: GraphicsContext;
  /**
   * The faces in each picture, in that picture's own pixels.
   *
   * @param pictures squares of `inputSize` pixels; they may be made as they are needed.
   */
  find(pictures: Iterable<Pixels>, signal?: AbortSignal): Promise<Face[][]>;
  dispose(): void;
}

/**
 * Makes, once for a network, what turns its outputs for a picture into faces in the picture's pixels.
 *
 * @param size the side of the picture.
 * @param leastScore below which candidates are noise even to the most patient caller, and cost time.
 */
export type Decoder<Type extends DetectionHead['type']> = (
  head: Extract<DetectionHead, { type: Type }>,
  size: number,
  leastScore: number,
) => (outputs: readonly [Float32Array, Float32Array, Float32Array]) => Face[];
