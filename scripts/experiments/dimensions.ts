import { seeded } from '../../lib/core/random.ts';
import { photoPath } from '../../lib/evaluation/index.ts';
import { initialProjection, project } from '../../lib/training/head/projection.ts';
import { colours, linesPlot } from '../kit/plots.ts';
import { untouched } from './degraded.ts';
import { type Experiment, meanText, picture, pointOf, table } from './experiment.ts';
import type { Embeddings, Lab } from './lab.ts';
import { measure } from './measure.ts';
import { paper } from './paper.ts';

/** The dimensions of projections; the embedder's own 128 are the most that there is anything in. */
const projected = [16, 32, 64, 128];

/** The paper's table 5: VAL by the number of the embedding's dimensions; and 128 floats as 128 bytes. */
export const dimensionsExperiment: Experiment = async (lab) => {
  const { balanced } = await lab.embed(untouched);
  const byProjection = projected.map((outputs) => ({
    outputs,
    figures: measure(lab.pairs, principal(lab, balanced, outputs)),
  }));
  const [floats, bytes] = [measure(lab.pairs, balanced), measure(lab.pairs, quantised(balanced))];
  const rows = [...new Set([...projected, ...Object.keys(paper.dimensions).map(Number)])].map((outputs) => {
    const own = byProjection.find((one) => one.outputs === outputs);
    return [outputs, own ? meanText(own.figures.val) : '–', paper.dimensions[outputs]?.join(' ± ') ?? '–'];
  });
  return {
    markdown: `${picture('dimensions', 'VAL at a false-accept rate of 0.1 % by the number of dimensions')}
${table(['dimensions', 'VAL at FAR 10⁻³, 128 projected', 'paper'], rows)}
${table(
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

/** Embeddings projected on the directions in which those of the other folds' images spread most. */
function principal(lab: Lab, embeddings: Embeddings, outputs: number): (fold: number) => Embeddings {
  return (fold) => {
    const others = new Set(
      lab.pairs.filter((pair) => pair.fold !== fold).flatMap(({ a, b }) => [photoPath(a), photoPath(b)]),
    );
    const known = [...embeddings].flatMap(([path, embedding]) => (embedding && others.has(path) ? [embedding] : []));
    const inputs = known[0]?.length ?? 0;
    const projection = initialProjection({ inputs, outputs, hidden: 0 }, known, seeded(1));
    return new Map(
      [...embeddings].map(([path, embedding]) => {
        const [unit] = embedding ? project(projection, [embedding]).units : [];
        return [path, unit ? Float32Array.from(unit) : null];
      }),
    );
  };
}

/** Each number rounded to one of 255 steps between the least and the most that any has. */
function quantised(embeddings: Embeddings): Embeddings {
  const most = Math.max(...[...embeddings.values()].map((embedding) => Math.max(...(embedding ?? []).map(Math.abs))));
  const step = most / 127;
  return new Map(
    [...embeddings].map(([path, embedding]) => [
      path,
      embedding?.map((value) => Math.round(value / step) * step) ?? null,
    ]),
  );
}
