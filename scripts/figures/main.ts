// npm run figures: draws the figures of docs/facenet.md in both languages, and the picture of README.md, from the sample photos.
import { readFileSync } from 'node:fs';
import { thresholdFor } from '../../lib/comparison/calibration.ts';
import type { Manifest } from '../../lib/models/manifest.ts';
import { type HeadEpoch, trainHead } from '../../lib/training/index.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { writeSvg } from '../kit/plots.ts';
import { readSampleFaces } from './faces.ts';
import { curvesFigures, evaluationFigures, planeFigure, selectionFigure, tripletFigure } from './learning.ts';
import { writeReadmePicture } from './readme.ts';
import { stepsFigure } from './steps.ts';
import { words } from './words.ts';

runCommand(async () => {
  buildLibrary();
  await writeReadmePicture();
  const faces = await readSampleFaces();
  const { examples } = faces;
  const epochs: HeadEpoch[] = [];
  const head = await trainHead(examples, {
    heldOut: 0.5,
    epochs: 40,
    plot: true,
    onEpoch: (epoch) => epochs.push(epoch),
  });
  const threshold = defaultThreshold();
  for (const [language, its] of Object.entries(words)) {
    const { loss, active } = curvesFigures(epochs, its);
    const { distances, roc } = evaluationFigures(examples, head, threshold, its);
    const figures = {
      steps: stepsFigure(faces, threshold, its),
      triplet: tripletFigure(its),
      selection: selectionFigure(examples, its),
      loss,
      active,
      plane: planeFigure(examples, epochs, head.report.bestEpoch, its),
      distances,
      roc,
    };
    for (const [name, svg] of Object.entries(figures)) writeSvg(`figures/${language}/${name}.svg`, svg);
  }
  process.stdout.write(`${JSON.stringify(head.report)}\n`);
  return undefined;
});

/** The distance up to which `balanced` takes two faces for one person unless told otherwise. */
function defaultThreshold(): number {
  const file = new URL('../../public/models/manifest.json', import.meta.url);
  const { presets } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const preset = presets?.find(({ name }) => name === 'balanced');
  if (!preset) throw new Error('The manifest has no preset "balanced": run "npm run models".');
  return thresholdFor(1e-3, preset.calibration);
}
