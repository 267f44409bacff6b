// npm run experiment -- NAME --data DIR [--limit N] [--write]: one of the FaceNet paper's experiments on images in LFW's layout; --write
// keeps its plots and its tables in docs/experiments.md.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { writeSvg } from '../kit/plots.ts';
import { centreExperiment } from './centre.ts';
import { dataExperiment } from './data.ts';
import { dimensionsExperiment } from './dimensions.ts';
import type { Experiment } from './experiment.ts';
import { headExperiment } from './head.ts';
import { histogramExperiment } from './histogram.ts';
import { jpegExperiment, sizeExperiment } from './image-quality.ts';
import { withLab } from './lab.ts';
import { scratchExperiment } from './scratch.ts';

const experiments: Record<string, Experiment> = {
  jpeg: jpegExperiment,
  size: sizeExperiment,
  dimensions: dimensionsExperiment,
  data: dataExperiment,
  centre: centreExperiment,
  histogram: histogramExperiment,
  head: headExperiment,
  scratch: scratchExperiment,
};

const usage = `usage: npm run experiment -- ${Object.keys(experiments).join('|')} --data DIR [--limit N] [--write]

DIR has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg.
--limit  the first N pairs of each fold
--write  writes the plots below docs/experiments/ and the tables into docs/experiments.md`;

runCommand(async () => {
  const { values, positionals } = parseArgs({
    options: { data: { type: 'string' }, limit: { type: 'string' }, write: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name = ''] = positionals;
  const experiment = experiments[name];
  if (!experiment || !values.data) throw new Error(usage);
  const data = resolve(process.env.INIT_CWD ?? '.', values.data);
  const { markdown, plots, scope } = await withLab(data, values.limit, async (lab) => ({
    ...(await experiment(lab)),
    scope: `On ${lab.pairs.length.toLocaleString('en-US')} pairs of ${lab.paths.length.toLocaleString('en-US')} images.\n\n`,
  }));
  process.stdout.write(`${scope}${markdown}`);
  if (values.write) {
    for (const [plot, svg] of Object.entries(plots)) writeSvg(`experiments/${plot}.svg`, svg);
    writeBetweenMarks(
      fileURLToPath(new URL('../../docs/experiments.md', import.meta.url)),
      name,
      `\n${scope}${markdown}\n`,
    );
  }
  return undefined;
});
