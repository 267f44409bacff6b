import type { LabelledPair } from '../../lib/evaluation/index.ts';
import type { NetworkStep } from '../../lib/training/index.ts';
import { placesByPerson } from '../../lib/training/triplets/triplets.ts';
import { definePageFunctions, openPage } from '../kit/browser.ts';
import { personOf } from '../kit/lfw/all-pairs.ts';
import { photoPathsOf } from '../kit/lfw/pairs.ts';
import { markdownTable } from '../kit/markdown.ts';
import { colours, linesPlot } from '../kit/plots.ts';
import { progressLine } from '../kit/progress.ts';
import { mean } from '../kit/statistics.ts';
import type { Embeddings, ExperimentContext } from './context.ts';
import { type Experiment, meanText, percent, picture } from './experiment.ts';
import { type Figures, measure } from './measure.ts';
import { type Trained, trainInPage, trainingFunctions } from './training-page.ts';

/** The number of people to train on: those with the most photos. */
const people = 20;

/** The number of mini-batches, and their composition. */
const steps = 200;
const batch = { people: 5, faces: 4 };

/** The number of steps that a point of a plot averages. */
const stepsPerPoint = 10;

/** A point of a plot. */
interface Point {
  x: number;
  y: number;
}

/** Trains NNS2 from scratch in a page, on a few people of half of the folds, and measures it on the other folds. */
export const scratchExperiment: Experiment = async (context) => {
  const [trainingPairs, heldOutPairs] = splitPairs(context.pairs);
  const heldOut = photoPathsOf(heldOutPairs);
  const training = mostPhotographed(photoPathsOf(trainingPairs), new Set(heldOut.map(personOf)));
  const trained = await train(context, training, heldOut);
  const embeddings = (rows: readonly (number[] | null)[]): Embeddings =>
    new Map(heldOut.map((path, i) => [path, rows[i] ? Float32Array.from(rows[i]) : null]));
  const [before, after] = [trained.before, trained.after].map((rows) => measure(heldOutPairs, embeddings(rows))) as [
    Figures,
    Figures,
  ];
  const loss = averages(trained.steps, (step) => step.loss);
  const active = averages(trained.steps, ({ triplets }) => (100 * triplets.active) / triplets.valid);
  const [[lossFirst, lossLast], [activeFirst, activeLast]] = [ends(loss), ends(active)];
  const row = (name: string, figures: Figures) => [name, meanText(figures.equalErrorRate), meanText(figures.val)];
  return {
    markdown: `${picture('scratch', 'The mean loss of a selected triplet, step by step')}
${picture('scratch-active', 'The share of active triplets, step by step')}
${steps} steps of ${batch.people} × ${batch.faces} photos, from ${training.length} photos of ${people} people, took ${Math.round(trained.milliseconds / 1000)} seconds (software WebGL).
The mean loss of a selected triplet fell from ${lossFirst.toFixed(3)} to ${lossLast.toFixed(3)}, and the share of active
triplets from ${activeFirst.toFixed(0)} to ${activeLast.toFixed(0)} % (means of ${stepsPerPoint} steps).

${markdownTable(
  [`${new Set(heldOut.map(personOf)).size.toLocaleString('en-US')} people of other folds`, 'EER', 'VAL at FAR 10⁻³'],
  [row('before training', before), row('after training', after), ['chance', percent(0.5, 0), percent(1e-3)]],
)}`,
    plots: {
      scratch: linesPlot([{ name: 'loss of the people learned from', colour: colours.ours, points: loss }], {
        x: { label: 'step' },
        y: { label: 'mean loss of a selected triplet', zero: true },
      }),
      'scratch-active': linesPlot([{ name: 'active triplets', colour: colours.second, points: active }], {
        x: { label: 'step' },
        y: { label: 'of all triplets of the mini-batch, %', zero: true },
      }),
    },
  };
};

/** The pairs of the first half of the folds, and those of the second. */
function splitPairs(pairs: readonly LabelledPair[]): [LabelledPair[], LabelledPair[]] {
  const folds = [...new Set(pairs.map(({ fold }) => fold))];
  const first = folds.slice(0, Math.ceil(folds.length / 2));
  return [pairs.filter(({ fold }) => first.includes(fold)), pairs.filter(({ fold }) => !first.includes(fold))];
}

/** The photos of the people with the most photos, without the held-out people. */
function mostPhotographed(paths: readonly string[], heldOut: ReadonlySet<string>): string[] {
  const byPerson = placesByPerson(paths.map(personOf));
  return [...byPerson]
    .filter(([person]) => !heldOut.has(String(person)))
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, people)
    .flatMap(([, indices]) => indices.map((index) => paths[index] as string));
}

async function train(
  context: ExperimentContext,
  training: readonly string[],
  heldOut: readonly string[],
): Promise<Trained> {
  await context.findFaces();
  const { browser, server } = context.session;
  const page = await openPage(browser, server);
  await definePageFunctions(page, trainingFunctions);
  await page.exposeFunction('report', progressLine('NNS2 from scratch', steps));
  const addressOf = (path: string) => context.addresses.get(path) as string;
  const trained = await page.evaluate(trainInPage, {
    training: training.map((path) => ({ address: addressOf(path), person: personOf(path) })),
    heldOut: heldOut.map(addressOf),
    steps,
    batch,
  });
  await page.close();
  return trained;
}

/** The means over each {@link stepsPerPoint} steps. */
function averages(all: readonly NetworkStep[], figureOf: (step: NetworkStep) => number): Point[] {
  return Array.from({ length: Math.floor(steps / stepsPerPoint) }, (_, i) => {
    const some = all.slice(i * stepsPerPoint, (i + 1) * stepsPerPoint);
    return { x: (i + 1) * stepsPerPoint, y: mean(some.map(figureOf)) };
  });
}

function ends(points: readonly Point[]): [first: number, last: number] {
  return [points[0]?.y ?? 0, points.at(-1)?.y ?? 0];
}
