import { markdownTable } from '../kit/markdown.ts';
import { colours, linesPlot } from '../kit/plots.ts';
import { hardCase, undegraded } from './degradation.ts';
import { type Experiment, meanText, percent, picture } from './experiment.ts';
import { type Figures, measure } from './measure.ts';
import { type HeadTrial, measureHeads } from './train-heads.ts';

/** The number of people that a head is trained on. The experiment `data` has other numbers. */
const people = 100;

/** The figures of a head, and its loss by epoch. */
interface HeadResult {
  name: string;
  figures: Figures;
  losses: number[];
}

/** The effect of a head on people it was not trained on: on undegraded photos and on the hard case. */
export const headExperiment: Experiment = async (context) => {
  const [plain, hard] = [(await context.embed(undegraded)).balanced, (await context.embed(hardCase)).balanced];
  const [before, degraded] = [measure(context.pairs, plain), measure(context.pairs, hard)];
  const train = async (name: string, trial: HeadTrial): Promise<HeadResult> => {
    const losses: number[] = [];
    const onEpoch = ({ epoch, loss }: { epoch: number; loss: number }) => {
      losses[epoch] ??= loss;
    };
    const figures = await measureHeads(context, { ...trial, options: { ...trial.options, onEpoch } });
    return { name, figures, losses };
  };
  const onHard = { measured: hard, training: [plain, hard], people };
  const plainHeads = [await train('head, triplet loss', { measured: plain, training: [plain], people })];
  const hardHeads = [
    await train('head, triplet loss', onHard),
    await train('head, triplet loss, hidden layer of 64', { ...onHard, options: { hidden: 64 } }),
  ];
  return {
    markdown: `${picture('head', 'The loss of the heads, epoch by epoch')}
${markdownTable(
  ['', 'VAL at FAR 10⁻³', 'EER', 'share of the EER increase recovered'],
  [
    row('**original photos**, no head', before, '–'),
    ...plainHeads.map(({ name, figures }) => row(name, figures, '–')),
    row('**the hard case**, no head', degraded, '–'),
    ...hardHeads.map(({ name, figures }) => row(name, figures, recovered(before, degraded, figures))),
  ],
)}`,
    plots: { head: lossPlot(hardHeads) },
  };
};

function row(name: string, figures: Figures, share: string): string[] {
  return [name, meanText(figures.val), meanText(figures.equalErrorRate), share];
}

/** The part of the increase of the EER by the degradation that a head undoes. */
function recovered(before: Figures, degraded: Figures, after: Figures): string {
  const increase = degraded.equalErrorRate.mean - before.equalErrorRate.mean;
  return `${percent((degraded.equalErrorRate.mean - after.equalErrorRate.mean) / increase, 0)} %`;
}

function lossPlot(heads: readonly HeadResult[]): string {
  return linesPlot(
    heads.map(({ name, losses }, i) => ({
      name,
      colour: [colours.ours, colours.second][i] as string,
      points: losses.map((y, x) => ({ x, y })),
    })),
    { x: { label: 'epoch' }, y: { label: 'mean loss of a triplet', zero: true } },
  );
}
