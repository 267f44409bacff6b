import { colours, linesPlot } from '../plots.ts';
import { untouched } from './degraded.ts';
import { type Experiment, meanText, percent, picture, table } from './experiment.ts';
import { type HeadTrial, hardCase, tryHead } from './heads.ts';
import { type Figures, measure } from './measure.ts';

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
  const onPlain = [await tried('head, triplet loss', { measured: plain, learned: [plain] })];
  const onHard = [
    await tried('head, triplet loss', { measured: hard, learned: both }),
    await tried('head, triplet loss, hidden layer of 64', { measured: hard, learned: both, options: { hidden: 64 } }),
    await tried('head, contrastive loss', { measured: hard, learned: both, options: { loss: 'contrastive' } }),
    await tried('head, large-margin cosine loss', {
      measured: hard,
      learned: both,
      options: { loss: 'large-margin-cosine' },
    }),
  ];
  const recovered = (after: Figures) =>
    `${percent((after.val.mean - degraded.val.mean) / (before.val.mean - degraded.val.mean), 0)} %`;
  const row = (what: string, figures: Figures, share: string) => [
    what,
    meanText(figures.accuracy, 2),
    meanText(figures.val),
    percent(figures.far, 3),
    share,
  ];
  return {
    markdown: `${picture('head', 'The loss of the heads, epoch by epoch')}
${table(
  ['', 'accuracy', 'VAL at FAR 10⁻³', 'realised FAR', 'of the lost VAL recovered'],
  [
    row('**photos as they are**, no head', before, '–'),
    ...onPlain.map(({ name, figures }) => row(name, figures, '–')),
    row('**the hard case**, no head', degraded, '–'),
    ...onHard.map(({ name, figures }) => row(name, figures, recovered(figures))),
  ],
)}`,
    plots: {
      head: linesPlot(
        epochs.slice(1, 3).map(({ name, losses }, i) => ({
          name,
          colour: [colours.ours, colours.second][i] as string,
          points: losses.map((y, x) => ({ x, y })),
        })),
        { x: { label: 'epoch' }, y: { label: 'mean loss of a triplet', zero: true } },
      ),
    },
  };
};
