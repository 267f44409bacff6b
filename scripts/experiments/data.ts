import { colours, linesPlot } from '../kit/plots.ts';
import { untouched } from './degraded.ts';
import { type Experiment, meanText, picture, pointOf, table } from './experiment.ts';
import { hardCase, tryHead } from './heads.ts';
import { type Figures, measure } from './measure.ts';
import { paper } from './paper.ts';

/** How many people a head learns from. */
const amounts = [25, 50, 100, 200];

/** The paper's table 6 in small: how much the amount of training data matters to a head, on the hard case. */
export const dataExperiment: Experiment = async (lab) => {
  const [plain, hard] = [(await lab.embed(untouched)).balanced, (await lab.embed(hardCase)).balanced];
  const rows: { people: number; faces: number; figures: Figures; seconds?: number }[] = [
    { people: 0, faces: 0, figures: measure(lab.pairs, hard) },
  ];
  for (const people of amounts) {
    const figures = await tryHead(lab, { measured: hard, learned: [plain, hard], people });
    const faces = figures.heads.reduce((sum, { report }) => sum + report.learned.faces + report.heldOut.faces, 0);
    rows.push({ people, faces: Math.round(faces / figures.heads.length), figures, seconds: figures.seconds });
  }
  return {
    markdown: `${picture('data', 'VAL at a false-accept rate of 0.1 % by the number of people that a head was trained on')}
${table(
  ['people', 'faces (original and degraded)', 'VAL at FAR 10⁻³', 'EER', 'seconds to learn (median, Node.js)'],
  rows.map(({ people, faces, figures, seconds }) => [
    people || 'no head',
    faces || '–',
    meanText(figures.val),
    meanText(figures.equalErrorRate),
    seconds?.toFixed(1) ?? '–',
  ]),
)}
${table(
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
            points: [amounts[0], amounts.at(-1)].map((x) => ({
              x: x as number,
              y: 100 * (rows[0]?.figures.val.mean ?? 0),
            })),
          },
        ],
        {
          x: { type: 'log', label: 'people learned from', tickFormat: 'd', ticks: amounts },
          y: { label: 'VAL at FAR 10⁻³, %' },
        },
      ),
    },
  };
};
