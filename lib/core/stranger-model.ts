import type { Calibration, StrangerModel } from './types.ts';

/** Counts the changes to the measures that a model has weights for (`strangerTerms`): each changes the scale of its similarities. */
const termsVersion = 1;

const digests = new WeakMap<StrangerModel, string>();

/**
 * Identifies a model of strangers by its weights, as {@link Quality.strangerModel}. A 32-bit FNV-1a hash in hexadecimal: it tells the few
 * calibrations of an embedder apart, and does not protect against forgery.
 */
export function strangerModelDigest(model: StrangerModel): string {
  const known = digests.get(model);
  if (known !== undefined) return known;
  const digest = fnv1a(JSON.stringify([termsVersion, ...weightsOf(model)]));
  digests.set(model, digest);
  return digest;
}

/**
 * The part of a calibration that comparisons need, for rules, which galleries and exports store: without the reference of
 * `quality.overall`. The model of the similarity to strangers is in it by its digest, so that stored similarities of another model are
 * recognised.
 */
export function comparedCalibration({ quality, ...compared }: Calibration): Calibration {
  const { conditional } = compared;
  if (!(conditional && quality?.strangers)) return compared;
  return { ...compared, conditional: { ...conditional, strangerModel: strangerModelDigest(quality.strangers) } };
}

/** All weights in a fixed order. An absent weight is 0. */
function weightsOf(model: StrangerModel): number[] {
  return [
    model.magnitude,
    model.contrast,
    model.sharpness,
    model.fineDetail ?? 0,
    model.mediumDetail ?? 0,
    model.coarseDetail ?? 0,
    model.compressionArtifacts ?? 0,
    model.eyesVisible,
    model.mouthOcclusionPrevention,
    model.offset,
    ...model.direction,
  ];
}

/** The hash of an ASCII text. (draft-eastlake-fnv) */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
