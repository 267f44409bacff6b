import { euclideanDistance } from 'facenet-web';

/** Finds the nearest other embedding of each embedding, with its Euclidean distance. Undefined if there is no other. */
export function nearestOthers(
  embeddings: readonly Float32Array[],
): ({ index: number; distance: number } | undefined)[] {
  return embeddings.map((a, i) => {
    let best: { index: number; distance: number } | undefined;
    for (const [j, b] of embeddings.entries()) {
      if (i === j) continue;
      const distance = euclideanDistance(a, b);
      if (!best || distance < best.distance) best = { index: j, distance };
    }
    return best;
  });
}

/** The distances between a person's faces, and to those of other people. */
export interface PersonSpread {
  person: string;
  faces: number;
  /** The mean distance between two faces of the person. NaN if there is only one face. */
  within: number;
  /** The minimum distance to a face of another person. Infinity if there is no other person. */
  toOthers: number;
}

/** Computes the {@link PersonSpread} of each person. */
export function personSpreads(faces: readonly { embedding: Float32Array; person: string }[]): PersonSpread[] {
  return [...new Set(faces.map(({ person }) => person))].map((person) => {
    const own = faces.filter((face) => face.person === person);
    const others = faces.filter((face) => face.person !== person);
    let [sum, pairs] = [0, 0];
    own.forEach((a, i) => {
      for (const b of own.slice(i + 1)) {
        sum += euclideanDistance(a.embedding, b.embedding);
        pairs++;
      }
    });
    const toOthers = own.flatMap((a) => others.map((b) => euclideanDistance(a.embedding, b.embedding)));
    return {
      person,
      faces: own.length,
      within: sum / pairs,
      toOthers: toOthers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    };
  });
}
