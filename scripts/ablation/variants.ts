import type { EmbeddingDescriptor, Preset } from '../../lib/models/manifest.ts';

/** The landmarks that the crop is aligned by. */
export type LandmarkSource = 'mesh, 2 passes' | 'mesh, 1 pass' | '68 points' | 'detector keypoints';

/** A way of embedding; omitted fields are those of the reference. */
export interface Variant {
  name: string;
  landmarks?: LandmarkSource;
  preset?: Partial<Pick<Preset, 'zooms' | 'mirrored'>>;
  embedder?: Partial<Pick<EmbeddingDescriptor, 'template' | 'preprocessing'>>;
  /** Crops at twice the size and resamples again, instead of once from the original pixels. */
  resampledTwice?: boolean;
}

const faceApiPreprocessing = {
  width: 150,
  height: 150,
  channels: 'rgb' as const,
  mean: [122.782, 117.001, 104.298] as [number, number, number],
  std: [255, 255, 255] as [number, number, number],
};

/** The reference is one crop on dlib's template, from the mesh's second pass. Every other variant changes one choice. */
export const variants: readonly Variant[] = [
  { name: 'reference: mesh in 2 passes, one crop' },
  { name: 'mesh in 1 pass', landmarks: 'mesh, 1 pass' },
  { name: '68 points', landmarks: '68 points' },
  { name: 'detector keypoints', landmarks: 'detector keypoints' },
  { name: "ArcFace's template", embedder: { template: 'arcface' } },
  { name: '8 % tighter', preset: { zooms: [0.92] } },
  { name: '8 % wider', preset: { zooms: [1.08] } },
  { name: 'normalised by 255, as face-api does', embedder: { preprocessing: faceApiPreprocessing } },
  { name: 'resampled twice', resampledTwice: true },
  { name: 'with the mirror image (balanced)', preset: { mirrored: true } },
  { name: 'with the mirror image, 1 pass', landmarks: 'mesh, 1 pass', preset: { mirrored: true } },
  { name: 'with the mirror image, 68 points', landmarks: '68 points', preset: { mirrored: true } },
  { name: 'two zooms and mirror images (accurate)', preset: { zooms: [1, 0.92], mirrored: true } },
];
