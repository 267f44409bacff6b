// npm run figures: draws the figures of docs/facenet.md in both languages, and the picture of README.md, from the library's
// results on the sample photos.
import { thresholdFor } from '../../lib/comparison/calibration.ts';
import { type HeadEpoch, trainHead } from '../../lib/training/index.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { shippedPreset } from '../kit/manifest.ts';
import { writeSvg } from '../kit/plots.ts';
import { evaluationFigures } from './evaluation-figures.ts';
import { figureText } from './figure-text.ts';
import { writeReadmePicture } from './readme.ts';
import { readSampleFaces } from './sample-faces.ts';
import { selectionFigure } from './selection-figure.ts';
import { stepsFigure } from './steps-figure.ts';
import { curvesFigures, planeFigure } from './training-figures.ts';
import { tripletFigure } from './triplet-figure.ts';

runCommand('usage: npm run figures', async () => {
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
  // The default false-accept rate of the library.
  const threshold = thresholdFor(1e-3, shippedPreset('balanced').calibration);
  for (const [language, text] of Object.entries(figureText)) {
    const { loss, active } = curvesFigures(epochs, text);
    const { distances, roc } = evaluationFigures(examples, head, threshold, text);
    const figures = {
      steps: stepsFigure(faces, threshold, text),
      triplet: tripletFigure(text),
      selection: selectionFigure(examples, text),
      loss,
      active,
      plane: planeFigure(examples, epochs, head.report.bestEpoch, text),
      distances,
      roc,
    };
    for (const [name, svg] of Object.entries(figures)) writeSvg(`figures/${language}/${name}.svg`, svg);
  }
  process.stdout.write(`${JSON.stringify(head.report)}\n`);
  return undefined;
});
