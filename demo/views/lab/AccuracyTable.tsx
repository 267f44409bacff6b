import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { type IntervalRate, type MeasuredSystem, measuredPeers, measuredPresets } from './curves.ts';
import { DataTable } from './DataTable.tsx';
import { formatCount, formatPercent, formatRate } from './format.ts';
import { en, ko } from './messages.ts';

/** The accuracy of the measured presets and of other libraries. @param own a row above them. */
export function AccuracyTable({ own }: { own?: readonly [name: string, figures: MeasuredSystem] }) {
  const t = localized({ en, ko });
  const impostorPairs = measuredPresets[0]?.[1].allPairs?.impostorPairs;
  return (
    <>
      <DataTable
        open
        caption={t.figures}
        heads={[
          t.preset,
          t.accuracy,
          t.valAllPairs(formatRate(1e-3)),
          t.valAllPairs(formatRate(1e-4)),
          t.valViewTwo(formatRate(1e-3)),
          'AUC',
          'EER',
        ]}
        rows={[...(own ? [own] : []), ...measuredPresets, ...measuredPeers].map(([name, figures]) => [
          name,
          ...cells(figures),
        ])}
      />
      <p class="small muted">
        {t.valText} {impostorPairs !== undefined && t.valPairs(formatCount(impostorPairs))}
      </p>
    </>
  );
}

function cells({ accuracy, val, allPairs, auc, eer }: MeasuredSystem): string[] {
  const error = Number.isFinite(accuracy.se) ? ` ± ${formatNumber(accuracy.se * 100, 2)}` : '';
  return [
    formatPercent(accuracy.mean, 2) + error,
    formatInterval(allPairs?.val['1e-3']),
    formatInterval(allPairs?.val['1e-4']),
    formatPercent(val['1e-3']),
    formatPercent(auc, 2),
    formatPercent(eer, 2),
  ];
}

/** A rate with its interval; a dash if there is none. */
function formatInterval(rate: IntervalRate | undefined): string {
  if (!rate || !Number.isFinite(rate.val)) return '–';
  return `${formatPercent(rate.val)} [${formatNumber(rate.low * 100, 1)}, ${formatNumber(rate.high * 100, 1)}]`;
}
