import { readFileSync } from 'node:fs';
import type { Calibration } from '../../lib/core/types.ts';
import type { Preset } from '../../lib/models/manifest.ts';

/** The presets without their calibrations. The first is the default. docs/accuracy.md has the accuracy of each. */
const uncalibrated: Omit<Preset, 'calibration'>[] = [
  {
    name: 'balanced',
    detector: 'blazeface-full',
    landmarker: 'facemesh-468',
    embedder: 'dlib-resnet-34',
    landmarkPasses: 2,
    zooms: [1],
    mirrored: true,
  },
  {
    name: 'fast',
    detector: 'blazeface-full',
    landmarker: 'facemesh-468',
    embedder: 'dlib-resnet-34',
    landmarkPasses: 1,
    zooms: [1],
    mirrored: false,
  },
  {
    name: 'accurate',
    detector: 'blazeface-full',
    landmarker: 'facemesh-468',
    embedder: 'dlib-resnet-34',
    landmarkPasses: 2,
    zooms: [1, 0.92],
    mirrored: true,
  },
];

/**
 * The presets with their calibrations from calibrations.json, which `npm run evaluate -- --calibrate` writes.
 *
 * @throws {Error} for a preset without a calibration.
 */
export function presets(): Preset[] {
  const file = new URL('calibrations.json', import.meta.url);
  const calibrations = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Calibration>;
  return uncalibrated.map((preset) => {
    const calibration = calibrations[preset.name];
    if (!calibration) {
      throw new Error(`calibrations.json has no entry for "${preset.name}": run npm run evaluate -- --calibrate.`);
    }
    return { ...preset, calibration };
  });
}
