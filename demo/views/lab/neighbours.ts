import { euclideanDistance } from 'facenet-web';

/** For each embedding the nearest other one, with its distance. */
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

/** How a person's faces lie: how far apart in the mean, and how far from the nearest face of somebody else. */
export interface PersonSpread {
  person: string;
  faces: number;
  /** The mean distance of two faces of the person; NaN where there is one only. */
  within: number;
  /** The least distance to a face of somebody else; Infinity where there is nobody else. */
  toOthers: number;
}

export function spreads(faces: readonly { embedding: Float32Array; person: string }[]): PersonSpread[] {
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
