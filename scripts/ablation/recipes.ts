import type { EmbeddingDescriptor, Preset } from '../../lib/models/manifest.ts';

/** Whose points align the crop. */
export type LandmarkSource = 'mesh, 2 passes' | 'mesh, 1 pass' | '68 points' | 'detector keypoints';

/** A way of embedding that differs from the reference in what it names. */
export interface Variant {
  name: string;
  landmarks?: LandmarkSource;
  preset?: Partial<Pick<Preset, 'zooms' | 'mirrored'>>;
  embedder?: Partial<Pick<EmbeddingDescriptor, 'template' | 'preprocessing'>>;
  /** The crop is cut at twice its size and resampled again, instead of being cut once from the original pixels. */
  resampledTwice?: boolean;
}

const asFaceApi = {
  width: 150,
  height: 150,
  channels: 'rgb' as const,
  mean: [122.782, 117.001, 104.298] as [number, number, number],
  std: [255, 255, 255] as [number, number, number],
};

/** The reference is one crop on dlib's template from the mesh's second pass; each other changes one thing. */
export const variants: readonly Variant[] = [
  { name: 'reference: mesh in 2 passes, one crop' },
  { name: 'mesh in 1 pass', landmarks: 'mesh, 1 pass' },
  { name: '68 points', landmarks: '68 points' },
  { name: 'detector keypoints', landmarks: 'detector keypoints' },
  { name: "ArcFace's template", embedder: { template: 'arcface' } },
  { name: '8 % tighter', preset: { zooms: [0.92] } },
  { name: '8 % wider', preset: { zooms: [1.08] } },
  { name: 'normalised by 255, as face-api does', embedder: { preprocessing: asFaceApi } },
  { name: 'resampled twice', resampledTwice: true },
  { name: 'with the mirror image (balanced)', preset: { mirrored: true } },
  { name: 'with the mirror image, 1 pass', landmarks: 'mesh, 1 pass', preset: { mirrored: true } },
  { name: 'with the mirror image, 68 points', landmarks: '68 points', preset: { mirrored: true } },
  { name: 'two zooms and mirror images (accurate)', preset: { zooms: [1, 0.92], mirrored: true } },
];
