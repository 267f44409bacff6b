import type { Face, Landmarks, Pixels } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { DetectionHead } from '../models/manifest.ts';
import type { GraphicsContext } from '../runtime/context-loss.ts';

/** The part of a picture's plane that a detector searches. */
export interface SearchArea {
  width: number;
  height: number;
  /** From a position in the area to source pixels, without a change of scale. */
  toSource: Affine;
}

/** Finds faces in a whole picture, at every scale. */
export interface PictureDetector {
  /** The model's name. */
  readonly name: string;
  /** Whether the picture is searched upright only, where other detectors search it turned too. */
  readonly uprightOnly?: boolean;
  /** The graphics context that it runs on, if that is not the backend's. */
  readonly graphics?: GraphicsContext;
  /**
   * Finds the faces in an area of a picture.
   *
   * @param minSize the side of the smallest face to find, in source pixels.
   * @returns the faces, in source pixels.
   */
  search(picture: PixelSource, area: SearchArea, minSize: number, signal?: AbortSignal): Promise<DetectedFace[]>;
  /** Frees the networks. The detector must not be used afterwards. */
  dispose(): void;
}

/** Finds faces in small square images. `detectFaces` selects the views of a picture that a detector gets. */
export interface Detector {
  /** The model's name. */
  readonly name: string;
  /** The side of an input image, in pixels. */
  readonly inputSize: number;
  /** The graphics context that it runs on, if that is not the backend's. */
  readonly graphics?: GraphicsContext;
  /**
   * Finds the faces in each image.
   *
   * @param pictures squares of `inputSize` pixels. The iterable may create them lazily.
   * @returns one list per image, in that image's pixels.
   */
  find(pictures: Iterable<Pixels>, signal?: AbortSignal): Promise<Face[][]>;
  /** Frees the network. The detector must not be used afterwards. */
  dispose(): void;
}

/**
 * Creates the function that decodes a network's outputs for one image into faces in that image's pixels.
 *
 * @param size the side of the image, in pixels.
 * @param minScore candidates with a lower score are dropped before non-maximum suppression.
 */
export type Decoder<Type extends DetectionHead['type']> = (
  head: Extract<DetectionHead, { type: Type }>,
  size: number,
  minScore: number,
) => (outputs: readonly [Float32Array, Float32Array, Float32Array]) => Face[];

/** A face as detection returns it to the pipeline. */
export interface DetectedFace extends Face {
  /** The landmarks that the detector found, if they are to be the face's landmarks. */
  landmarks?: Landmarks;
  /** The landmarks that the presence scorer found in the crop of this box and roll: the landmarker's first pass. */
  firstPass?: Landmarks;
}

/** Removes the internal landmarks from a face, for callers of the library. */
export function withoutFirstPass<F extends DetectedFace>({ firstPass: _, ...face }: F): Omit<F, 'firstPass'> {
  return face;
}

/** The result of a presence scorer for one face. */
export interface PresenceScore {
  /** The probability that there is a face, 0 to 1. */
  presence: number;
  /**
   * The mean distance of the detection's keypoints to the same points of the landmarks, as a share of the box's longer
   * side. Absent for a detector without keypoints.
   */
  disagreement?: number | undefined;
  /** The landmarks that the same run of the network gave. */
  firstPass: Landmarks;
}

/** Estimates the presence of each detected face with a network other than the detector, so that their errors differ. */
export type PresenceScorer = (
  picture: PixelSource,
  faces: readonly Face[],
  signal?: AbortSignal,
) => Promise<PresenceScore[]>;
