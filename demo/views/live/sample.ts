import type { DetectOptions } from 'facenet-web';
import { type Sample, samples } from '../../app/samples.ts';

/** The photo that the view shows while there is no camera. */
export const sample = samples[5] as Sample;

/** The faces in it are large and upright, and need no long search. */
export const sampleLimits: DetectOptions = { thorough: false, minSize: 100 };
