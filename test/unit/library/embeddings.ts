import { readFileSync } from 'node:fs';
import type { ComparisonRule } from '../../../lib/comparison/compare.ts';
import { seeded } from '../../../lib/core/random.ts';
import { comparedCalibration } from '../../../lib/core/stranger-model.ts';
import type { Calibration } from '../../../lib/core/types.ts';

const calibrations = JSON.parse(
  readFileSync(new URL('../../../scripts/prepare/calibrations.json', import.meta.url), 'utf8'),
) as Record<string, Calibration>;

/** The rule of the preset `balanced`. */
export const rule: ComparisonRule = {
  model: 'mobilefacenet',
  dimension: 192,
  metric: 'cosine',
  calibration: comparedCalibration(calibrations.balanced as Calibration),
};

/** Invented embeddings: those of a person are near each other, those of different people nearly orthogonal. */
export class InventedPeople {
  readonly #random: () => number;
  readonly #centres: Float32Array[] = [];

  constructor(seed: number, people: number) {
    this.#random = seeded(seed);
    for (let i = 0; i < people; i++) this.#centres.push(this.#direction());
  }

  /** An embedding of a person. @param spread 0.3: as near as good photos; 1: like a stranger. */
  embedding(person: number, spread = 0.3): Float32Array {
    const noise = this.#direction();
    return unit((this.#centres[person] as Float32Array).map((value, i) => value + spread * (noise[i] as number)));
  }

  #direction(): Float32Array {
    const normal = () => Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
    return unit(Float32Array.from({ length: rule.dimension }, normal));
  }
}

/** A vector of the same direction and length 1. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
