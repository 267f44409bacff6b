import type { Preset } from '../../lib/models/manifest.ts';

/** The landmarks that the crop is aligned by. */
export type LandmarkSource =
  | 'mesh, 2 passes'
  | 'mesh, 1 pass'
  | '68 points'
  | "BlazeFace's keypoints"
  | "MTCNN's points";

/** The indices of the points of the face mesh whose means are the five points of ArcFace's template. */
export interface MeshPoints {
  rightEye: number[];
  leftEye: number[];
  noseTip: number[];
  rightMouthCorner: number[];
  leftMouthCorner: number[];
}

/** A way of embedding; omitted fields are those of the reference. */
export interface Variant {
  name: string;
  /** The embedding network. Default: `mobilefacenet`. */
  embedder?: string;
  landmarks?: LandmarkSource;
  /** Points of the mesh that replace those of the reference. */
  points?: Partial<MeshPoints>;
  crops?: Partial<Pick<Preset, 'zooms' | 'mirrored'>>;
  /** The shift of the crop down the face, as a fraction of its side. */
  shift?: number;
}

/** The points of the reference: those of the library. */
export const referencePoints: MeshPoints = {
  rightEye: [33, 160, 158, 133, 153, 144],
  leftEye: [362, 385, 387, 263, 373, 380],
  noseTip: [1],
  rightMouthCorner: [61],
  leftMouthCorner: [291],
};

/** All points of the lids and the corners of an eye. */
const ring = {
  rightEye: [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
  leftEye: [362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382],
};

/**
 * The reference is `mobilefacenet` on a crop and its mirror image, aligned by the second pass of the mesh. Each variant of
 * this list changes one choice of the crop.
 */
export const cropVariants: readonly Variant[] = [
  { name: 'reference: mesh in 2 passes, crop and mirror image' },
  { name: 'mesh in 1 pass', landmarks: 'mesh, 1 pass' },
  { name: '68 points', landmarks: '68 points' },
  { name: "MTCNN's five points", landmarks: "MTCNN's points" },
  { name: "BlazeFace's keypoints", landmarks: "BlazeFace's keypoints" },
  { name: 'eyes: the corners', points: { rightEye: [33, 133], leftEye: [362, 263] } },
  { name: 'eyes: the middles of the lids', points: { rightEye: [159, 145], leftEye: [386, 374] } },
  { name: 'eyes: all 16 points', points: ring },
  { name: 'nose: the point below the tip', points: { noseTip: [19] } },
  { name: 'nose: the point above the tip', points: { noseTip: [4] } },
  { name: 'mouth: the inner corners', points: { rightMouthCorner: [78], leftMouthCorner: [308] } },
  { name: 'zoom 0.92', crops: { zooms: [0.92] } },
  { name: 'zoom 0.96', crops: { zooms: [0.96] } },
  { name: 'zoom 1.04', crops: { zooms: [1.04] } },
  { name: 'zoom 1.08', crops: { zooms: [1.08] } },
  { name: 'shifted up by 4 %', shift: -0.04 },
  { name: 'shifted up by 2 %', shift: -0.02 },
  { name: 'shifted down by 2 %', shift: 0.02 },
  { name: 'shifted down by 4 %', shift: 0.04 },
];

/** Variants that cost more or less time than the reference, and those that the fusions need. */
export const costVariants: readonly Variant[] = [
  { name: 'without the mirror image', crops: { mirrored: false } },
  { name: 'without the mirror image, 1 pass', landmarks: 'mesh, 1 pass', crops: { mirrored: false } },
  { name: 'two zooms, 1 and 1.08, and their mirror images', crops: { zooms: [1, 1.08] } },
  { name: 'two zooms, 1 and 0.92, and their mirror images', crops: { zooms: [1, 0.92] } },
  { name: 'dlib-resnet-34, crop and mirror image', embedder: 'dlib-resnet-34' },
  {
    name: 'dlib-resnet-34, two zooms, 1 and 0.92, and their mirror images',
    embedder: 'dlib-resnet-34',
    crops: { zooms: [1, 0.92] },
  },
];

export const variants: readonly Variant[] = [...cropVariants, ...costVariants];
