import type { LabelledPair } from '../../lib/evaluation/index.ts';
import { photoPath } from '../../lib/evaluation/index.ts';
import type { LandmarkedFace } from '../../lib/index.ts';
import type { NetworkStep } from '../../lib/training/index.ts';
import { placesByPerson } from '../../lib/training/triplets/triplets.ts';
import { openPage } from '../kit/browser.ts';
import { colours, linesPlot } from '../kit/plots.ts';
import { progressLine } from '../kit/progress.ts';
import { type Experiment, meanText, percent, picture, table } from './experiment.ts';
import type { Embeddings } from './lab.ts';
import { measure, personOf } from './measure.ts';

/** How many people are learned from: those with the most photos. */
const people = 20;

/** How many mini-batches are learned from, and how they are put together. */
const steps = 200;
const batch = { people: 5, faces: 4 };

/** So many steps make a point of the curves. */
const smoothed = 10;

/** What the page gives back. */
interface Trained {
  steps: NetworkStep[];
  milliseconds: number;
  /** The judged photos' embeddings, by the photos' places, of the network as it was built and as it was trained. */
  before: (number[] | null)[];
  after: (number[] | null)[];
}

/** NNS2 from scratch, in a page, on a few people: watched as it learns, and measured on people of other folds. */
export const scratchExperiment: Experiment = async (lab) => {
  const folds = [...new Set(lab.pairs.map(({ fold }) => fold))];
  const learnedFolds = folds.slice(0, Math.ceil(folds.length / 2));
  const [learnedPairs, judgedPairs] = [true, false].map((learned) =>
    lab.pairs.filter(({ fold }) => learnedFolds.includes(fold) === learned),
  ) as [LabelledPair[], LabelledPair[]];
  const judged = pathsOf(judgedPairs);
  const learned = mostPhotographed(pathsOf(learnedPairs), new Set(judged.map(personOf)));
  await lab.find();
  const page = await openPage(lab.browser, lab.server);
  const report = progressLine('NNS2 from scratch', steps);
  await page.exposeFunction('report', report);
  const addressOf = (path: string) => lab.addresses.get(path) as string;
  const trained = await page.evaluate(learn, {
    learned: learned.map((path) => ({ address: addressOf(path), person: personOf(path) })),
    judged: judged.map(addressOf),
    steps,
    batch,
  });
  await page.close();
  const embeddings = (rows: readonly (number[] | null)[]): Embeddings =>
    new Map(judged.map((path, i) => [path, rows[i] ? Float32Array.from(rows[i]) : null]));
  const [before, after] = [trained.before, trained.after].map((rows) => measure(judgedPairs, embeddings(rows)));
  const curve = (of: (step: NetworkStep) => number) =>
    Array.from({ length: Math.floor(steps / smoothed) }, (_, i) => {
      const some = trained.steps.slice(i * smoothed, (i + 1) * smoothed);
      return { x: (i + 1) * smoothed, y: some.reduce((sum, step) => sum + of(step), 0) / some.length };
    });
  const loss = curve(({ loss }) => loss);
  const active = curve(({ triplets }) => (100 * triplets.active) / triplets.valid);
  const ends = (points: typeof loss) => [points[0]?.y ?? 0, points.at(-1)?.y ?? 0];
  const row = (what: string, figures: typeof before) => [
    what,
    figures ? meanText(figures.equalErrorRate) : '–',
    figures ? meanText(figures.val) : '–',
  ];
  const [[lossFirst, lossLast], [activeFirst, activeLast]] = [ends(loss), ends(active)] as [
    [number, number],
    [number, number],
  ];
  return {
    markdown: `${picture('scratch', 'The mean loss of a selected triplet, step by step')}
${picture('scratch-active', 'The share of active triplets, step by step')}
${steps} steps of ${batch.people} × ${batch.faces} photos, from ${learned.length} photos of ${people} people, took ${Math.round(trained.milliseconds / 1000)} seconds (software WebGL).
The mean loss of a selected triplet fell from ${lossFirst.toFixed(3)} to ${lossLast.toFixed(3)}, and the share of active
triplets from ${activeFirst.toFixed(0)} to ${activeLast.toFixed(0)} % (means of ${smoothed} steps).

${table(
  [`${new Set(judged.map(personOf)).size.toLocaleString('en-US')} people of other folds`, 'EER', 'VAL at FAR 10⁻³'],
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

function pathsOf(pairs: readonly LabelledPair[]): string[] {
  return [...new Set(pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)]))];
}

/** The photos of the people who have the most of them, without those who are judged. */
function mostPhotographed(paths: readonly string[], strangers: ReadonlySet<string>): string[] {
  const byPerson = placesByPerson(paths.map(personOf));
  return [...byPerson]
    .filter(([person]) => !strangers.has(String(person)))
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, people)
    .flatMap(([, places]) => places.map((place) => paths[place] as string));
}

/** Runs in the page. */
async function learn(given: {
  learned: { address: string; person: string }[];
  judged: string[];
  steps: number;
  batch: { people: number; faces: number };
}): Promise<Trained> {
  const [{ FaceNet }, training] = (await Promise.all(
    ['facenet-web', 'training'].map((name) => import(`/dist/${name}.js`)),
  )) as [typeof import('../../lib/index.ts'), typeof import('../../lib/training/index.ts')];
  const faces: Record<string, LandmarkedFace | null> = await (await fetch('/experiments/faces.json')).json();
  const facenet = await FaceNet.load({ models: '/models/', preset: 'fast' });
  const [height, width] = training.architectures.nns2.input;

  /** The aligned crop's middle columns, standardised. */
  const standardised = async (address: string): Promise<Float32Array | undefined> => {
    const face = faces[address];
    if (!face) return undefined;
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const { data } = await facenet.align(bitmap, face, { size: height });
    bitmap.close();
    const left = (height - width) / 2;
    return Float32Array.from({ length: height * width * 3 }, (_, i) => {
      const [pixel, channel] = [Math.floor(i / 3), i % 3];
      const at = Math.floor(pixel / width) * height + left + (pixel % width);
      return ((data[at * 4 + channel] as number) - 127.5) / 128;
    });
  };
  const crops = async (addresses: readonly string[]) => {
    const made: (Float32Array | undefined)[] = [];
    for (const address of addresses) made.push(await standardised(address));
    return made;
  };
  const learnedCrops = await crops(given.learned.map(({ address }) => address));
  const learned = given.learned.flatMap(({ person }, i) => {
    const crop = learnedCrops[i];
    return crop ? [{ person, crop }] : [];
  });
  const judged = await crops(given.judged);
  await facenet.dispose();

  const { tf } = await training.startTensorFlow({ backend: 'webgl' });
  const network = await training.buildNetwork(tf, training.architectures.nns2);
  const tensorOf = (some: readonly Float32Array[]) => {
    const values = new Float32Array(some.length * height * width * 3);
    for (const [i, crop] of some.entries()) values.set(crop, i * crop.length);
    return tf.tensor4d(values, [some.length, height, width, 3]);
  };
  const embedJudged = async () => {
    const found = judged.flatMap((crop) => (crop ? [crop] : []));
    const rows: number[][] = [];
    for (let from = 0; from < found.length; from += 32) {
      const pictures = tensorOf(found.slice(from, from + 32));
      const embeddings = network.embed(pictures);
      rows.push(...(await embeddings.array()));
      tf.dispose([pictures, embeddings]);
    }
    return judged.map((crop) => (crop ? (rows.shift() as number[]) : null));
  };
  const before = await embedJudged();
  const steps: NetworkStep[] = [];
  const start = performance.now();
  await training.trainNetwork(
    tf,
    network,
    {
      labels: learned.map(({ person }) => person),
      pictures: (places) => tensorOf(places.map((place) => (learned[place] as (typeof learned)[0]).crop)),
    },
    {
      steps: given.steps,
      batch: given.batch,
      onStep(step) {
        steps.push(step);
        (globalThis as unknown as { report: (done: number) => void }).report(step.step);
      },
    },
  );
  const milliseconds = performance.now() - start;
  return { steps, milliseconds, before, after: await embedJudged() };
}
