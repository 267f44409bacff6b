import { colours, linesPlot } from '../kit/plots.ts';
import { untouched } from './degraded.ts';
import { type Experiment, meanText, percent, picture, table } from './experiment.ts';
import { type HeadTrial, hardCase, tryHead } from './heads.ts';
import { type Figures, measure } from './measure.ts';

/** How many people each head learns from; the experiment `data` has more and fewer. */
const people = 100;

/** What a head gives people it has never seen: on photos as they are, and on the hard case. */
export const headExperiment: Experiment = async (lab) => {
  const [plain, hard] = [(await lab.embed(untouched)).balanced, (await lab.embed(hardCase)).balanced];
  const [before, degraded] = [measure(lab.pairs, plain), measure(lab.pairs, hard)];
  const epochs: { name: string; losses: number[] }[] = [];
  const tried = async (name: string, trial: HeadTrial) => {
    const losses: number[] = [];
    const onEpoch = ({ epoch, loss }: { epoch: number; loss: number }) => {
      losses[epoch] ??= loss;
    };
    const figures = await tryHead(lab, { ...trial, options: { ...trial.options, onEpoch } });
    epochs.push({ name, losses });
    return { name, figures };
  };
  const both = [plain, hard];
  const onPlain = [await tried('head, triplet loss', { measured: plain, learned: [plain], people })];
  const onHard = [
    await tried('head, triplet loss', { measured: hard, learned: both, people }),
    await tried('head, triplet loss, hidden layer of 64', {
      measured: hard,
      learned: both,
      people,
      options: { hidden: 64 },
    }),
  ];
  const recovered = (after: Figures) =>
    `${percent((degraded.equalErrorRate.mean - after.equalErrorRate.mean) / (degraded.equalErrorRate.mean - before.equalErrorRate.mean), 0)} %`;
  const row = (what: string, figures: Figures, share: string) => [
    what,
    meanText(figures.val),
    meanText(figures.equalErrorRate),
    share,
  ];
  return {
    markdown: `${picture('head', 'The loss of the heads, epoch by epoch')}
${table(
  ['', 'VAL at FAR 10⁻³', 'EER', 'share of the EER increase recovered'],
  [
    row('**original photos**, no head', before, '–'),
    ...onPlain.map(({ name, figures }) => row(name, figures, '–')),
    row('**the hard case**, no head', degraded, '–'),
    ...onHard.map(({ name, figures }) => row(name, figures, recovered(figures))),
  ],
)}`,
    plots: {
      head: linesPlot(
        epochs.slice(1).map(({ name, losses }, i) => ({
          name,
          colour: [colours.ours, colours.second, colours.third][i] as string,
          points: losses.map((y, x) => ({ x, y })),
        })),
        { x: { label: 'epoch' }, y: { label: 'mean loss of a triplet', zero: true } },
      ),
    },
  };
};
