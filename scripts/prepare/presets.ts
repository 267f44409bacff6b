import { readFileSync } from 'node:fs';
import type { Calibration } from '../../lib/core/types.ts';
import type { Preset } from '../../lib/models/manifest.ts';

/** The presets that facenet-web ships; docs/accuracy.md has what each choice gains. The first is the default. */
const recipes: Omit<Preset, 'calibration'>[] = [
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

/** The presets with their calibrations, which `npm run evaluate -- --calibrate` fits and writes. */
export function presets(): Preset[] {
  const file = new URL('calibrations.json', import.meta.url);
  const calibrations = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Calibration>;
  return recipes.map((recipe) => {
    const calibration = calibrations[recipe.name];
    if (!calibration) throw new Error(`calibrations.json has none for the preset "${recipe.name}"`);
    return { ...recipe, calibration };
  });
}
