import { type MeasuredRate, reportPage, type VerificationErrors } from 'facenet-web/evaluation';
import { useState } from 'preact/hooks';
import { loadedFaceNet } from '../../app/facenet.ts';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { Button } from '../../ui/Button.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { DataTable } from './DataTable.tsx';
import { FolderError, FolderInput, FolderProgress, type FolderProgressState, type GetFiles } from './FolderInput.tsx';
import { formatCount, formatPercent } from './format.ts';
import { en, ko } from './messages.ts';
import { type FolderReport, measureFolder, type ReportFolderError, readPeople } from './report.ts';
import { TaskError } from './TaskError.tsx';
import { useTask } from './use-task.ts';

/** Measures error rates on photos in one folder per person, and saves them as a report. */
export function Report() {
  const t = localized({ en, ko });
  const { state, busy, start, cancel } = useTask();
  const [folderError, setFolderError] = useState<ReportFolderError>();
  const [progress, setProgress] = useState<FolderProgressState>();
  const [result, setResult] = useState<FolderReport>();
  const measure = (getFiles: GetFiles) => {
    setResult(undefined);
    setFolderError(undefined);
    setProgress(undefined);
    void start(async (signal) => {
      const photos = await readPeople(await getFiles(signal));
      if ('kind' in photos) return setFolderError(photos);
      const show = (done: number) => setProgress({ done, all: photos.length, timeLeft: undefined });
      show(0);
      setResult(await measureFolder(await loadedFaceNet(), photos, show, signal));
    });
  };
  return (
    <>
      <FolderInput
        label={isTouch ? t.peopleFolder : t.dropPeople}
        layout={'Ada/1.jpg\nAda/2.jpg\nBob/…\ncohorts.csv'}
        text={t.peopleText}
        busy={busy}
        onFolder={measure}
        onCancel={cancel}
      />
      <div role="status">
        {folderError && (
          <FolderError
            text={
              folderError.kind === 'cohorts-unmatched'
                ? t.cohortsUnmatched(shortList(folderError.names))
                : t.reportErrors[folderError.kind]
            }
            reason={folderError.kind === 'cohorts-invalid' ? folderError.reason : undefined}
          />
        )}
        {busy && !progress && <p class="muted">{t.reading}</p>}
        {result && <p class="visually-hidden">{t.reportDone}</p>}
      </div>
      <TaskError state={state} />
      {busy && progress && <FolderProgress {...progress} />}
      {result && <Result result={result} />}
    </>
  );
}

/** The first ten names, and an ellipsis if there are more. */
function shortList(names: readonly string[]): string {
  return [...names.slice(0, 10), ...(names.length > 10 ? ['…'] : [])].join(', ');
}

function Result({ result: { report, notFound, unreadable } }: { result: FolderReport }) {
  const t = localized({ en, ko });
  const rate = ({ rate: value, low, high, support }: MeasuredRate) => {
    if (Number.isNaN(value)) return t.reportSupport['no-trials'];
    const range = Number.isNaN(low) ? '' : ` [${formatPercent(low, 2)}, ${formatPercent(high, 2)}]`;
    const warning = support === 'supported' ? '' : ` · ${t.reportSupport[support]}`;
    return `${formatPercent(value, 2)}${range}${warning}`;
  };
  const groups = [[t.reportAll, report.all] as const, ...report.cohorts];
  const isRated = report.all.verification.rated > 0;
  const refused = ({ rated, refused: { genuine } }: VerificationErrors) =>
    rated === 0 ? '–' : rate({ ...genuine, support: genuine.trials > 0 ? 'supported' : 'no-trials' });
  const rows = groups.map(([name, { verification, fnmrAtFmr }]) => [
    name,
    formatCount(verification.people),
    rate(verification.fmr),
    rate(verification.fnmr),
    ...(isRated ? [refused(verification)] : []),
    ...fnmrAtFmr.map(({ fnmr, fmrSupport }) =>
      rate({ ...fnmr, support: fmrSupport === 'supported' ? fnmr.support : fmrSupport }),
    ),
  ]);
  const save = () => {
    const page = reportPage(report, { title: t.reportTitle, system: 'facenet-web', notFound, unreadable });
    saveFile(new Blob([page], { type: 'text/html' }), 'report.html');
  };
  const { withoutCohort } = report;
  const rates = report.all.fnmrAtFmr.map(({ fmr }) => `FNMR, FMR ${formatPercent(fmr, 2)}`);
  return (
    <>
      <DataTable
        open
        caption={t.reportTitle}
        heads={[t.reportCohort, t.reportPeople, 'FMR', 'FNMR', ...(isRated ? [t.reportRefused] : []), ...rates]}
        rows={rows}
      />
      <p class="small muted">
        {t.reportText(formatCount(report.photos), formatCount(notFound))}{' '}
        {isRated ? t.reportByQuality : t.reportByDistance}
      </p>
      {report.cohorts.size > 0 && withoutCohort.photos > 0 && (
        <p class="small muted">
          {t.withoutCohort(formatCount(withoutCohort.photos), formatCount(withoutCohort.people))}
        </p>
      )}
      {unreadable.length > 0 && (
        <p class="small error">{t.reportUnreadable(formatCount(unreadable.length), unreadable.join(', '))}</p>
      )}
      <div class="actions">
        <Button kind="primary" onClick={save}>
          {t.saveReport}
        </Button>
      </div>
    </>
  );
}
