import { clusterFaces } from '../../lib/clustering/cluster.ts';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { distances } from '../../lib/comparison/distance.ts';
import type { Metric } from '../../lib/core/types.ts';
import { bCubedScore } from '../../lib/evaluation/clustering.ts';
import { bCubedRow, labelsOf, libraryMethods } from './labels.ts';
import type { LabelledFaces } from './methods.ts';

/** The number of people in a simulated group photo. */
const photoPeople = 4;

/**
 * Simulates group photos of four different people each. Fewer people fill the last photos.
 *
 * @param distanceOf the order in which faces join the photo of another face, nearest first. Without it they join in the order
 *   of the set.
 * @returns the photo of each face.
 */
function simulatePhotos(truth: readonly string[], distanceOf: (a: number, b: number) => number = () => 0): number[] {
  const photoOf: number[] = [];
  let photo = 0;
  truth.forEach((person, first) => {
    if (photoOf[first] !== undefined) return;
    const people = new Set([person]);
    photoOf[first] = photo;
    const others = truth.map((_, face) => face).filter((face) => photoOf[face] === undefined);
    const keyed = others.map((face) => ({ face, distance: distanceOf(first, face) }));
    for (const { face } of keyed.sort((a, b) => a.distance - b.distance)) {
      if (people.size === photoPeople) break;
      if (people.has(truth[face] as string)) continue;
      people.add(truth[face] as string);
      photoOf[face] = photo;
    }
    photo++;
  });
  return photoOf;
}

/** The photos of each simulation, by its title. The order of the set does not depend on similarity. */
function simulations({ faces, people }: LabelledFaces, metric: Metric): Record<string, number[] | undefined> {
  const distanceOf = (a: number, b: number) =>
    distances[metric](faces[a]?.embedding as Float32Array, faces[b]?.embedding as Float32Array);
  return {
    'no photos': undefined,
    'any people': simulatePhotos(people),
    'similar people': simulatePhotos(people, distanceOf),
  };
}

/**
 * Clusters simulated group photos. Photos of similar people show the largest effect of the constraint, those of any people
 * the smallest.
 *
 * @param rates the false-accept rates to cluster at.
 * @returns a Markdown table.
 */
export async function groupPhotoTable(
  set: LabelledFaces,
  rule: ComparisonRule,
  rates: readonly number[],
): Promise<string> {
  const lines: string[] = [];
  const simulated = Object.entries(simulations(set, rule.metric));
  for (const method of libraryMethods) {
    for (const far of rates) {
      for (const [title, photos] of simulated) {
        const faces = set.faces.map((face, i) => ({ ...face, photo: photos?.[i] }));
        const clusters = await clusterFaces(faces, { rule }, { method, far });
        lines.push(bCubedRow(method, far, title, bCubedScore(labelsOf(clusters), set.people)));
      }
    }
  }
  return ['| method | far | photos of | BCubed precision | recall | F |', '|-|-|-|-|-|-|', ...lines].join('\n');
}
