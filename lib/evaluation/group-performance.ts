import type { IdentificationErrors } from './identification-errors.ts';
import type { Reliability } from './reliability.ts';
import type { DetPoint, FnmrAtFmr, VerificationErrors } from './verification-errors.ts';

/** The figures of all faces, or of those of one cohort. */
export interface GroupPerformance {
  /** The detection error trade-off curve, by distance: one threshold for photos of any quality. */
  det: DetPoint[];
  /** FNMR at each of the false match rates `fmrs`, by distance. */
  fnmrAtFmr: FnmrAtFmr[];
  /** FMR and FNMR of the verdicts of `compare`, and the shares of the pairs that it refuses. */
  verification: VerificationErrors;
  /** FNIR and FPIR of the searches of `identify` for each of the gallery sizes `sizes` that there are enough people for. */
  identification: IdentificationErrors[];
  /** How well the probabilities of the verdicts agree with the observed ones. */
  reliability: Reliability;
}
