import { seeded } from '../../lib/core/random.ts';
import { initialProjection, project } from '../../lib/training/head/projection.ts';
import { photoPathsOf } from '../kit/lfw/pairs.ts';
import { markdownTable } from '../kit/markdown.ts';
import { colours, linesPlot } from '../kit/plots.ts';
import type { Embeddings, ExperimentContext } from './context.ts';
import { undegraded } from './degradation.ts';
import { type Experiment, meanText, picture, pointOf } from './experiment.ts';
import { measure } from './measure.ts';
import { paper } from './paper-figures.ts';

/** The dimensions to project to. The embedder has 128. */
const projected = [16, 32, 64, 128];

/** Table 5 of the paper: VAL by the dimension of the embedding; and embeddings as int8. */
export const dimensionsExperiment: Experiment = async (context) => {
  const { balanced } = await context.embed(undegraded);
  const byProjection = projected.map((outputs) => ({
    outputs,
    figures: measure(context.pairs, principal(context, balanced, outputs)),
  }));
  const [floats, bytes] = [measure(context.pairs, balanced), measure(context.pairs, quantised(balanced))];
  const rows = [...new Set([...projected, ...Object.keys(paper.dimensions).map(Number)])].map((outputs) => {
    const own = byProjection.find((each) => each.outputs === outputs);
    return [outputs, own ? meanText(own.figures.val) : '–', paper.dimensions[outputs]?.join(' ± ') ?? '–'];
  });
  return {
    markdown: `${picture('dimensions', 'VAL at a false-accept rate of 0.1 % by the number of dimensions')}
${markdownTable(['dimensions', 'VAL at FAR 10⁻³, 128 projected', 'paper'], rows)}
${markdownTable(
  ['format of the 128 numbers', 'bytes', 'VAL at FAR 10⁻³', 'accuracy'],
  [
    ['float32', 512, meanText(floats.val, 2), meanText(floats.accuracy, 2)],
    ['int8, one scale for all', 128, meanText(bytes.val, 2), meanText(bytes.accuracy, 2)],
  ],
)}`,
    plots: {
      dimensions: linesPlot(
        [
          {
            name: 'our 128 projected',
            colour: colours.ours,
            points: byProjection.map(({ outputs, figures }) => pointOf(outputs, figures.val)),
          },
          {
            name: 'the paper’s networks',
            colour: colours.paper,
            dashed: true,
            points: Object.entries(paper.dimensions).map(([x, [y, error]]) => ({ x: Number(x), y, error })),
          },
        ],
        {
          x: { type: 'log', label: 'dimensions', ticks: [16, 32, 64, 128, 256, 512], tickFormat: 'd' },
          y: { label: 'VAL at FAR 10⁻³, %' },
        },
      ),
    },
  };
};

/** Embeddings projected onto the principal components of those of the other folds. */
function principal(context: ExperimentContext, embeddings: Embeddings, outputs: number): (fold: number) => Embeddings {
  return (fold) => {
    const others = new Set(photoPathsOf(context.pairs.filter((pair) => pair.fold !== fold)));
    const training = [...embeddings].flatMap(([path, embedding]) => (embedding && others.has(path) ? [embedding] : []));
    const inputs = training[0]?.length ?? 0;
    const projection = initialProjection({ inputs, outputs, hidden: 0 }, training, seeded(1));
    return new Map(
      [...embeddings].map(([path, embedding]) => {
        const [unit] = embedding ? project(projection, [embedding]).units : [];
        return [path, unit ? Float32Array.from(unit) : null];
      }),
    );
  };
}

/** Embeddings as int8: rounded to 255 steps, with one scale for all. */
function quantised(embeddings: Embeddings): Embeddings {
  const max = Math.max(...[...embeddings.values()].map((embedding) => Math.max(...(embedding ?? []).map(Math.abs))));
  const step = max / 127;
  return new Map(
    [...embeddings].map(([path, embedding]) => [
      path,
      embedding?.map((value) => Math.round(value / step) * step) ?? null,
    ]),
  );
}
