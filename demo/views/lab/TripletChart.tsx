import type { HeadEpoch } from 'facenet-web/training';
import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { Chart } from './Chart.tsx';
import { formatCount, formatPercent } from './format.ts';
import { en, ko } from './messages.ts';
import { maxEpochs } from './use-training.ts';

/** The shares of hard and semi-hard triplets in the mini-batches, by epoch. */
export function TripletChart({ history }: { history: readonly HeadEpoch[] }) {
  const t = localized({ en, ko });
  const shareOf = (kind: 'hard' | 'semiHard', { triplets }: HeadEpoch) => triplets[kind] / Math.max(1, triplets.valid);
  const line = (kind: 'hard' | 'semiHard') => history.map((epoch) => [epoch.epoch, shareOf(kind, epoch)] as const);
  const max = Math.max(0.01, ...history.map((epoch) => Math.max(shareOf('hard', epoch), shareOf('semiHard', epoch))));
  return (
    <Chart
      title={t.triplets}
      x={{ label: t.epoch, range: [0, maxEpochs], format: (epoch) => formatCount(epoch) }}
      y={{ label: t.shareOfTriplets, range: [0, max * 1.1], format: (share) => formatPercent(share, 1) }}
      series={[
        { label: t.semiHard, tone: 'accent', points: line('semiHard'), fill: true },
        { label: t.hard, tone: 'danger', dash: [8, 5], points: line('hard') },
      ]}
      table={{
        caption: t.triplets,
        heads: [t.epoch, t.loss, t.semiHard, t.hard],
        rows: history
          .filter(({ epoch }) => epoch % 5 === 0 || epoch === history.length - 1)
          .map((epoch) => [
            formatCount(epoch.epoch),
            formatNumber(epoch.loss, 4),
            formatPercent(shareOf('semiHard', epoch), 2),
            formatPercent(shareOf('hard', epoch), 2),
          ]),
      }}
    >
      <p class="small muted">{t.tripletsText}</p>
    </Chart>
  );
}
