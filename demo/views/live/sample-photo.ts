import type { DetectOptions } from 'facenet-web';
import { type Sample, samples } from '../../app/samples.ts';

/** The photo to show without a camera. */
export const sample = samples[5] as Sample;

/** Detection options for {@link sample}: its faces are large and upright. */
export const sampleDetectOptions: DetectOptions = { thorough: false, minSize: 100 };
