import { readFileSync } from 'node:fs';
import type { Calibration } from '../../lib/core/types.ts';
import type { FusionDescriptor, Preset } from '../../lib/models/manifest.ts';

const calibrations = JSON.parse(readFileSync(new URL('calibrations.json', import.meta.url), 'utf8')) as Record<
  string,
  Calibration
>;

/** The presets without their calibrations. The first is the default. docs/accuracy.md has the accuracy of each. */
const uncalibratedPresets: Omit<Preset, 'calibration'>[] = [
  {
    name: 'balanced',
    detector: 'blazeface-full',
    landmarker: 'facemesh-468',
    embedder: 'mobilefacenet',
    landmarkPasses: 1,
    zooms: [1],
    mirrored: true,
  },
  {
    // Without tiles in pictures of 640 pixels, whose search takes a quarter of its time.
    name: 'fast',
    detector: 'blazeface-full',
    landmarker: 'facemesh-468',
    embedder: 'mobilefacenet',
    landmarkPasses: 1,
    zooms: [1],
    mirrored: false,
    search: { thorough: true, minSize: { pixels: 48, share: 1 / 50 } },
  },
  {
    name: 'accurate',
    detector: 'blazeface-full',
    landmarker: 'facemesh-468',
    embedder: 'mobilefacenet-dlib',
    landmarkPasses: 2,
    zooms: [1],
    mirrored: true,
  },
  {
    // Embeds as `fast`, with one pass of the detector where that finds faces: for photo libraries.
    name: 'library',
    detector: 'blazeface-full',
    landmarker: 'facemesh-468',
    embedder: 'mobilefacenet',
    landmarkPasses: 1,
    zooms: [1],
    mirrored: false,
    search: { thorough: false, minSize: { pixels: 25, share: 1 / 50 } },
  },
];

/** Presets that embed as another one does, whose calibration they have. */
const calibratedAs: Record<string, string> = { library: 'fast' };

/** The fusions without their calibrations. The weights were chosen on folds 1–4 of LFW with `npm run ablation`. */
const uncalibratedFusions: Omit<FusionDescriptor, 'calibration'>[] = [
  {
    name: 'mobilefacenet-dlib',
    parts: [
      { embedder: 'mobilefacenet', weight: 0.25 },
      { embedder: 'dlib-resnet-34', weight: 0.75 },
    ],
  },
];

/** The presets with their calibrations. */
export function presets(): Preset[] {
  return uncalibratedPresets.map((preset) => ({
    ...preset,
    calibration: calibrationOf(calibratedAs[preset.name] ?? preset.name),
  }));
}

/** The fusions with their calibrations. */
export function fusions(): FusionDescriptor[] {
  return uncalibratedFusions.map((fusion) => ({ ...fusion, calibration: calibrationOf(fusion.name) }));
}

/**
 * The calibration of a preset, of a fusion or of an embedding network in calibrations.json, which
 * `npm run evaluate -- --calibrate` writes.
 *
 * @throws {Error} if it has none.
 */
export function calibrationOf(name: string): Calibration {
  const calibration = calibrations[name];
  if (calibration) return calibration;
  throw new Error(`calibrations.json has no entry for "${name}": run npm run evaluate -- --calibrate.`);
}
