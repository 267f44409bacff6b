import type { Quality, StrangerModel } from '../../lib/core/types.ts';
import { type StrangerTerms, strangerTerms } from '../../lib/quality/stranger-similarity.ts';
import { add, solve } from '../kit/linear-system.ts';

/** A face whose person is known. */
export interface PersonFace {
  person: string;
  embedding: Float32Array;
  quality: Quality;
}

/** The faces of photos with the same defects. */
export interface FaceSet {
  faces: readonly PersonFace[];
  /** The weight of each face in the fit. */
  weight: number;
}

/** The weight of the squared length of the coefficients: ridge regression, because a set has few people. */
const ridge = 20;

/** The scales that bring the terms to the range of an embedding's elements, so that the ridge weighs them alike. */
const scales: StrangerTerms = {
  magnitude: 1 / 70,
  contrast: 1 / 3,
  sharpness: 1 / 3,
  fineDetail: 1 / 3,
  mediumDetail: 1 / 3,
  coarseDetail: 1 / 3,
  compressionArtifacts: 1 / 2,
  eyesVisible: 1,
  mouthOcclusionPrevention: 1,
};
const termNames = Object.keys(scales) as (keyof StrangerTerms)[];

/** The normal distribution's quantile at 99 %. */
const quantile99 = 2.33;

/**
 * Fits the model of {@link Quality.strangerSimilarity} by ridge regression: the target of each face is the mean of its similarities to
 * strangers of its set, plus 2.33 standard deviations.
 */
export function fitStrangers(sets: readonly FaceSet[]): StrangerModel {
  const rows = sets.flatMap(({ faces, weight }) => {
    const targets = strangerSimilarities(faces);
    return faces.map((face, i) => ({ inputs: inputsOf(face), target: targets[i] as number, weight }));
  });
  const total = rows.reduce((sum, { weight }) => sum + weight, 0);
  const length = rows[0]?.inputs.length ?? 0;
  const centre = new Float64Array(length);
  for (const { inputs, weight } of rows) for (const [i, x] of inputs.entries()) add(centre, i, (weight * x) / total);
  const offset = rows.reduce((sum, { target, weight }) => sum + (weight * target) / total, 0);
  const matrix = Array.from({ length }, (_, i) => Float64Array.from({ length }, (_, j) => (i === j ? ridge : 0)));
  const right = new Float64Array(length);
  for (const { inputs, target, weight } of rows) {
    const x = inputs.map((value, i) => value - (centre[i] as number));
    for (const [i, value] of x.entries()) {
      add(right, i, weight * value * (target - offset));
      const row = matrix[i] as Float64Array;
      for (let j = 0; j < length; j++) add(row, j, weight * value * (x[j] as number));
    }
  }
  const solution = solve(matrix, right);
  const dimension = length - termNames.length;
  const weightOf = (name: keyof StrangerTerms) =>
    (solution[dimension + termNames.indexOf(name)] as number) * scales[name];
  return {
    direction: [...solution.slice(0, dimension)],
    magnitude: weightOf('magnitude'),
    contrast: weightOf('contrast'),
    sharpness: weightOf('sharpness'),
    fineDetail: weightOf('fineDetail'),
    mediumDetail: weightOf('mediumDetail'),
    coarseDetail: weightOf('coarseDetail'),
    compressionArtifacts: weightOf('compressionArtifacts'),
    eyesVisible: weightOf('eyesVisible'),
    mouthOcclusionPrevention: weightOf('mouthOcclusionPrevention'),
    offset: offset - solution.reduce((sum, value, i) => sum + value * (centre[i] as number), 0),
  };
}

function inputsOf({ embedding, quality }: PersonFace): number[] {
  const terms = strangerTerms(quality);
  return [...embedding, ...termNames.map((name) => (terms?.[name] ?? 0) * scales[name])];
}

/** For each face, the mean similarity to strangers of the set plus 2.33 standard deviations. */
function strangerSimilarities(faces: readonly PersonFace[]): number[] {
  const [counts, sums, squares] = [0, 0, 0].map(() => new Float64Array(faces.length)) as Moments;
  faces.forEach((a, i) => {
    for (let j = i + 1; j < faces.length; j++) {
      const b = faces[j] as PersonFace;
      if (a.person === b.person) continue;
      const similarity = dot(a.embedding, b.embedding);
      for (const face of [i, j]) {
        add(counts, face, 1);
        add(sums, face, similarity);
        add(squares, face, similarity ** 2);
      }
    }
  });
  return Array.from(counts, (count, i) => {
    const centre = (sums[i] as number) / count;
    return centre + quantile99 * Math.sqrt(Math.max(0, (squares[i] as number) / count - centre ** 2));
  });
}

type Moments = [Float64Array, Float64Array, Float64Array];

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
