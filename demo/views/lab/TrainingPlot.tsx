import type { HeadEpoch } from 'facenet-web/training';
import { localized } from '../../app/language.ts';
import { EmbeddingPlot, type PlotLine, plotAspect } from './EmbeddingPlot.tsx';
import { type EmbeddingPoint, personLabels } from './embedding-points.ts';
import { en, ko } from './messages.ts';
import { fitToPlot } from './plot-layout.ts';

interface TrainingPlotProps {
  epoch: HeadEpoch;
  points: readonly EmbeddingPoint[];
  lines: readonly PlotLine[];
}

/** The faces as the head embeds them after an epoch, with the sampled triplets as lines. */
export function TrainingPlot({ epoch: { plot }, points, lines }: TrainingPlotProps) {
  const t = localized({ en, ko });
  const labels = personLabels(points, t.person);
  const positions = fitToPlot(
    points.map((_, i) => ({ x: plot?.[2 * i] ?? 0, y: plot?.[2 * i + 1] ?? 0 })),
    plotAspect,
  );
  const faces = points.map(({ person, crop }) => ({ person, crop, label: labels.get(person) ?? '' }));
  return (
    <>
      <EmbeddingPlot label={t.training.title} faces={faces} positions={positions} lines={lines} />
      <ul class="line-key small muted" aria-hidden="true">
        {(['positive', 'negative'] as const).map((kind) => (
          <li key={kind}>
            <svg viewBox="0 0 28 4" aria-hidden="true">
              <line class={kind} x1={0} y1={2} x2={28} y2={2} />
            </svg>
            {t.lines[kind]}
          </li>
        ))}
      </ul>
    </>
  );
}
