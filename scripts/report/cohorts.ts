import { readFileSync } from 'node:fs';
import { cohortOf, parseCohorts, unmatchedCohorts } from '../../lib/evaluation/index.ts';
import type { Quality } from '../../lib/index.ts';
import { userPath } from '../kit/paths.ts';

/** The yaw below which a head faces the camera, in radians. */
const frontalYaw = (15 * Math.PI) / 180;

/** Assigns a photo to a cohort. */
export type CohortRule = (person: string, file: string, quality: Quality) => string | undefined;

/**
 * The rule of the option --cohorts.
 *
 * @param given `pose`, which compares heads that face the camera with turned ones, or the path of a cohorts file.
 * @param photos the photos that the file is about.
 * @throws {SyntaxError} for a malformed file.
 * @throws {Error} if an entry of the file matches no photo: by a misspelt name people would be missing from their cohort.
 */
export function cohortRule(given: string | undefined, photos: Iterable<{ person: string; file: string }>): CohortRule {
  if (given === undefined) return () => undefined;
  if (given === 'pose') return (_person, _file, quality) => poseOf(quality);
  const cohorts = parseCohorts(readFileSync(userPath(given), 'utf8'));
  const unmatched = unmatchedCohorts(cohorts, photos);
  if (unmatched.length > 0) {
    const listed = [...unmatched.slice(0, 10), ...(unmatched.length > 10 ? ['…'] : [])].join(', ');
    throw new Error(
      `${given} has ${unmatched.length} entries that match no photo: ${listed}. Use the names of folders or FOLDER/FILE, or remove them.`,
    );
  }
  return (person, file) => cohortOf(cohorts, person, file);
}

function poseOf({ yaw }: Quality): string {
  return Math.abs(yaw) < frontalYaw ? 'head turned by less than 15°' : 'head turned by 15° or more';
}
