import { colours, linesPlot, type Series } from '../kit/plots.ts';
import { type Degradation, untouched } from './degraded.ts';
import { type Experiment, meanText, picture, pointOf, table } from './experiment.ts';
import { type Figures, measure } from './measure.ts';
import { paper } from './paper.ts';

/** One condition that all crops are put in: what it is called in a table, where it lies in a plot, and what the paper has there. */
interface Condition {
  label: string;
  x: number;
  degradation: Degradation;
  paper: number | undefined;
}

/** The paper's table 4, left: VAL by the quality of JPEG that the aligned crops are written at. */
export const jpegExperiment: Experiment = sweep('jpeg', 'JPEG quality', {}, [
  ...Object.entries(paper.jpeg).map(([quality, val]) => ({
    label: quality,
    x: Number(quality),
    degradation: { ...untouched, jpeg: Number(quality) },
    paper: val,
  })),
  { label: 'original', x: 100, degradation: untouched, paper: undefined },
]);

/** The paper's table 4, right: VAL by the pixels that the aligned crops are cut at, before the network's input is made of them. */
export const sizeExperiment: Experiment = sweep(
  'size',
  'pixels',
  { x: { type: 'log', label: 'pixels of the crop', ticks: [1600, 6400, 14400, 25600, 65536], tickFormat: ',' } },
  [
    ...Object.entries(paper.pixels).map(([pixels, val]) => ({
      label: `${Number(pixels).toLocaleString('en-US')} (${Math.sqrt(Number(pixels))}²)`,
      x: Number(pixels),
      degradation: { side: Math.sqrt(Number(pixels)) },
      paper: val,
    })),
    { label: '22,500 (150²), the network’s input', x: 22500, degradation: untouched, paper: undefined },
  ].sort((a, b) => a.x - b.x),
);

function sweep(
  name: string,
  what: string,
  options: Parameters<typeof linesPlot>[1],
  conditions: readonly Condition[],
): Experiment {
  return async (lab) => {
    const measured: { condition: Condition; fast: Figures; balanced: Figures }[] = [];
    for (const condition of conditions) {
      const { fast, balanced } = await lab.embed(condition.degradation);
      measured.push({ condition, fast: measure(lab.pairs, fast), balanced: measure(lab.pairs, balanced) });
    }
    const series: Series[] = [
      {
        name: 'balanced, LFW',
        colour: colours.ours,
        points: measured.map(({ condition, balanced }) => pointOf(condition.x, balanced.val)),
      },
      {
        name: 'fast, LFW',
        colour: colours.second,
        points: measured.map(({ condition, fast }) => pointOf(condition.x, fast.val)),
      },
      {
        name: 'the paper’s, its hold-out set',
        colour: colours.paper,
        dashed: true,
        points: conditions.flatMap(({ x, paper }) => (paper === undefined ? [] : [{ x, y: paper }])),
      },
    ];
    const rows = measured.map(({ condition, fast, balanced }) => [
      condition.label,
      meanText(balanced.val),
      meanText(fast.val),
      condition.paper ?? '–',
      meanText(balanced.accuracy, 2),
      meanText(fast.accuracy, 2),
    ]);
    return {
      markdown: `${picture(name, `VAL at a false-accept rate of 0.1 % by ${what}`)}
${table([what, 'VAL at FAR 10⁻³, `balanced`', '`fast`', 'paper', 'accuracy, `balanced`', '`fast`'], rows)}`,
      plots: {
        [name]: linesPlot(series, {
          x: { label: what },
          y: { label: 'VAL at FAR 10⁻³, %', domain: [0, 100] },
          ...options,
        }),
      },
    };
  };
}
