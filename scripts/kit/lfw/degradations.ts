import { mixtures, type Operation } from './mixtures.ts';

/** A way of degrading a photo. */
export interface Degradation {
  /** The key in the results. */
  name: DegradationName;
  /** The row's name in docs/accuracy.md. */
  label: string;
  /** Degradations of one family have the same cause. Each family has the same weight in the fit. */
  family: string;
  /** Never used for the fit, only to measure how well it generalises. */
  heldOut?: boolean;
  /** The steps of a mixture of defects, which is fitted and not measured. */
  operations?: readonly Operation[];
}

/** The names of the degradations. `none` is the unaltered photo. */
export type DegradationName =
  | 'none'
  | `size${number}`
  | `jpeg${number}`
  | `dark${number}`
  | `blur${number}`
  | `noise${number}`
  | 'mask'
  | 'sunglasses'
  | 'motion'
  | 'bright'
  | 'haze'
  | 'shadow'
  | 'specks'
  | `mixture${number}`;

/** The degradations that are measured, of both photos of a pair alike. The side of the face is that of its box. */
export const degradations: readonly Degradation[] = [
  { name: 'none', label: 'none', family: 'none' },
  { name: 'size20', label: 'faces of 20 px', family: 'size' },
  { name: 'size16', label: 'faces of 16 px', family: 'size' },
  { name: 'size14', label: 'faces of 14 px', family: 'size' },
  { name: 'size12', label: 'faces of 12 px', family: 'size' },
  { name: 'jpeg8', label: 'JPEG, quality 8', family: 'jpeg' },
  { name: 'jpeg5', label: 'JPEG, quality 5', family: 'jpeg' },
  { name: 'jpeg3', label: 'JPEG, quality 3', family: 'jpeg' },
  { name: 'dark12', label: 'brightness 12 %', family: 'dark' },
  { name: 'dark6', label: 'brightness 6 %', family: 'dark' },
  { name: 'blur25', label: 'blur, σ 2.5 % of the face', family: 'blur' },
  { name: 'blur50', label: 'blur, σ 5 % of the face', family: 'blur' },
  { name: 'noise25', label: 'noise, σ 25 of 255', family: 'noise' },
  { name: 'noise45', label: 'noise, σ 45 of 255', family: 'noise' },
  { name: 'mask', label: 'drawn surgical mask', family: 'mask' },
  { name: 'sunglasses', label: 'drawn sunglasses', family: 'sunglasses' },
  { name: 'motion', label: 'motion blur, 16 % of the face', family: 'motion', heldOut: true },
  { name: 'bright', label: 'overexposed 2.5 times', family: 'bright', heldOut: true },
  { name: 'haze', label: 'contrast 12 %', family: 'haze', heldOut: true },
  { name: 'shadow', label: 'light from one side, 4 % on the other', family: 'shadow', heldOut: true },
  { name: 'specks', label: 'a tenth of the pixels black or white', family: 'specks', heldOut: true },
];

/** The mixtures of defects: photos with other defects than the ones that are measured. */
export const mixedDegradations: readonly Degradation[] = mixtures().map((operations, i) => ({
  name: `mixture${i}`,
  label: `mixture ${i}`,
  family: 'mixture',
  operations,
}));

/** The degradations that calibrations are fitted to. */
export const fittedDegradations = [...degradations.filter(({ heldOut }) => !heldOut), ...mixedDegradations];

/** The families of the fitted degradations, without the unaltered photos. */
export const fittedFamilies: readonly string[] = [
  ...new Set(fittedDegradations.map(({ family }) => family).filter((family) => !['none', 'mixture'].includes(family))),
];

/** The steps of mixtures that have the effect of a family. */
const similarSteps: Record<string, readonly Operation['name'][]> = {
  size: ['resize'],
  jpeg: ['jpeg'],
  dark: ['curve'],
  blur: ['gaussian', 'disc'],
  noise: ['noise'],
  mask: ['cover'],
  sunglasses: ['cover'],
};

/** Whether a fit without a family lacks a degradation: those of the family, and mixtures with a step of the same effect. */
export function belongsTo({ family, operations = [] }: Degradation, leftOut: string): boolean {
  return family === leftOut || operations.some(({ name }) => similarSteps[leftOut]?.includes(name));
}

/** Unaltered and covered faces differ least in their similarity to strangers: they need more weight to be distinguished. */
const weights: Record<string, number> = { none: 3, mask: 3, sunglasses: 3, mixture: 2 };

/** The weight of a degradation's photos in the fit: 1 for each family, but for those of {@link weights}. */
export function weightOf({ family }: Degradation): number {
  const weight = weights[family] ?? 1;
  return weight / fittedDegradations.filter((other) => other.family === family).length;
}
