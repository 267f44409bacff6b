// npm run experiment: runs one of the FaceNet paper's experiments on images in LFW's layout.
import { parseArgs } from 'node:util';
import { runCommand } from '../kit/command.ts';
import { writeSection } from '../kit/markdown.ts';
import { repositoryPath, userPath } from '../kit/paths.ts';
import { writeSvg } from '../kit/plots.ts';
import { centreExperiment } from './centre.ts';
import { withContext } from './context.ts';
import { dataExperiment } from './data.ts';
import { dimensionsExperiment } from './dimensions.ts';
import type { Experiment } from './experiment.ts';
import { scratchExperiment } from './from-scratch.ts';
import { headExperiment } from './head.ts';
import { histogramExperiment } from './histogram.ts';
import { jpegExperiment, sizeExperiment } from './image-quality.ts';

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

DIR      has pairs.txt in LFW's format and images/NAME/NAME_0001.jpg
--limit  uses the first N pairs of each fold only
--write  writes the plots into docs/experiments/ and the tables into docs/experiments.md`;

runCommand(usage, async () => {
  const { values, positionals } = parseArgs({
    options: { data: { type: 'string' }, limit: { type: 'string' }, write: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name = ''] = positionals;
  const experiment = experiments[name];
  if (!experiment || !values.data) throw new Error(usage);
  const data = userPath(values.data);
  const { markdown, plots, scope } = await withContext(data, values.limit, async (context) => ({
    ...(await experiment(context)),
    scope: `On ${context.pairs.length.toLocaleString('en-US')} pairs of ${context.paths.length.toLocaleString('en-US')} images.\n\n`,
  }));
  process.stdout.write(`${scope}${markdown}`);
  if (values.write) {
    for (const [plot, svg] of Object.entries(plots)) writeSvg(`experiments/${plot}.svg`, svg);
    writeSection(repositoryPath('docs/experiments.md'), name, `\n${scope}${markdown}\n`);
  }
  return undefined;
});
