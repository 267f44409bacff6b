import type { HeadReport } from 'facenet-web/training';
import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { DataTable } from './DataTable.tsx';
import { formatPercent } from './format.ts';
import { en, ko } from './messages.ts';

/** The result of a training: the accuracy on held-out people before and after, if any were held out. */
export function TrainingReport({ report }: { report: HeadReport }) {
  const t = localized({ en, ko });
  const { learned, heldOut, before, after, bestEpoch } = report;
  return (
    <section class="report">
      <h3>{t.result}</h3>
      <p class="small muted">{t.learnedFrom(learned.people, learned.faces, heldOut.people, heldOut.faces)}</p>
      {before && after ? (
        <DataTable
          open
          caption={t.result}
          heads={[t.heldOutPeople, t.before, t.after(bestEpoch)]}
          rows={[
            [t.decidability, formatNumber(before.decidability, 2), formatNumber(after.decidability, 2)],
            [t.eer, formatPercent(before.equalErrorRate, 2), formatPercent(after.equalErrorRate, 2)],
          ]}
        />
      ) : (
        <p class="small muted">{t.nobodyHeldOut}</p>
      )}
    </section>
  );
}
