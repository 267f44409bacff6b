import type { DetectOptions } from 'facenet-web';
import { portraits } from '../../app/samples.ts';

/** The photo to show without a camera. */
export const sample = portraits;

/** Detection options for {@link sample}: its faces are large and upright. */
export const sampleDetectOptions: DetectOptions = { thorough: false, minSize: 60 };
