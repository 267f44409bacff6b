import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { measuredPresets } from './curves.ts';
import { DataTable } from './DataTable.tsx';
import { formatPercent, formatRate } from './format.ts';
import { en, ko } from './messages.ts';

/** The accuracy of the measured presets. @param rows additional rows, above those of the presets. */
export function AccuracyTable({ rows }: { rows: readonly (readonly string[])[] }) {
  const t = localized({ en, ko });
  return (
    <DataTable
      open
      caption={t.figures}
      heads={[
        t.preset,
        t.accuracy,
        ...['1e-1', '1e-2', '1e-3'].map((far) => t.valAt(formatRate(Number(far)))),
        'AUC',
        'EER',
      ]}
      rows={[
        ...rows,
        ...measuredPresets.map(([name, { accuracy, val, auc, eer }]) => [
          name,
          `${formatPercent(accuracy.mean, 2)} ± ${formatNumber(accuracy.se * 100, 2)}`,
          formatPercent(val['1e-1']),
          formatPercent(val['1e-2']),
          formatPercent(val['1e-3']),
          formatPercent(auc, 2),
          formatPercent(eer, 2),
        ]),
      ]}
    />
  );
}
