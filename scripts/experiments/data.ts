import { markdownTable } from '../kit/markdown.ts';
import { colours, linesPlot } from '../kit/plots.ts';
import { hardCase, undegraded } from './degradation.ts';
import { type Experiment, meanText, picture, pointOf } from './experiment.ts';
import { type Figures, measure } from './measure.ts';
import { paper } from './paper-figures.ts';
import { measureHeads } from './train-heads.ts';

/** The numbers of people that a head is trained on. */
const peopleCounts = [25, 50, 100, 200];

/** Table 6 of the paper at a small scale: the effect of the amount of training data, for a head on the hard case. */
export const dataExperiment: Experiment = async (context) => {
  const [plain, hard] = [(await context.embed(undegraded)).balanced, (await context.embed(hardCase)).balanced];
  const rows: { people: number; faces: number; figures: Figures; seconds?: number }[] = [
    { people: 0, faces: 0, figures: measure(context.pairs, hard) },
  ];
  for (const people of peopleCounts) {
    const figures = await measureHeads(context, { measured: hard, training: [plain, hard], people });
    const faces = figures.heads.reduce((sum, { report }) => sum + report.learned.faces + report.heldOut.faces, 0);
    rows.push({ people, faces: Math.round(faces / figures.heads.length), figures, seconds: figures.seconds });
  }
  return {
    markdown: `${picture('data', 'VAL at a false-accept rate of 0.1 % by the number of people that a head was trained on')}
${markdownTable(
  ['people', 'faces (original and degraded)', 'VAL at FAR 10⁻³', 'EER', 'seconds to learn (median, Node.js)'],
  rows.map(({ people, faces, figures, seconds }) => [
    people || 'no head',
    faces || '–',
    meanText(figures.val),
    meanText(figures.equalErrorRate),
    seconds?.toFixed(1) ?? '–',
  ]),
)}
${markdownTable(
  ['training images (paper, whole network)', 'VAL at FAR 10⁻³'],
  Object.entries(paper.images).map(([images, val]) => [Number(images).toLocaleString('en-US'), val]),
)}`,
    plots: {
      data: linesPlot(
        [
          {
            name: 'head on the hard case',
            colour: colours.ours,
            points: rows.slice(1).map(({ people, figures }) => pointOf(people, figures.val)),
          },
          {
            name: 'no head',
            colour: colours.grey,
            dashed: true,
            points: [peopleCounts[0], peopleCounts.at(-1)].map((x) => ({
              x: x as number,
              y: 100 * (rows[0]?.figures.val.mean ?? 0),
            })),
          },
        ],
        {
          x: { type: 'log', label: 'people learned from', tickFormat: 'd', ticks: peopleCounts },
          y: { label: 'VAL at FAR 10⁻³, %' },
        },
      ),
    },
  };
};
