import { type MeasuredRate, reportPage } from 'facenet-web/evaluation';
import { useState } from 'preact/hooks';
import { loadedFaceNet } from '../../app/facenet.ts';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { DataTable } from './DataTable.tsx';
import { formatCount, formatPercent } from './format.ts';
import { en, ko } from './messages.ts';
import { type FolderReport, measureFolder, type ReportFolderError, readPeople } from './report.ts';
import { TaskError } from './TaskError.tsx';
import { useTask } from './use-task.ts';

/** Measures error rates on photos of the user, in one folder per person, and saves them as a report. */
export function Report() {
  const t = localized({ en, ko });
  const { state, busy, start, cancel } = useTask();
  const [folderError, setFolderError] = useState<ReportFolderError>();
  const [progress, setProgress] = useState<{ done: number; all: number }>();
  const [result, setResult] = useState<FolderReport>();
  const measure = (files: readonly File[]) => {
    setResult(undefined);
    setFolderError(undefined);
    setProgress(undefined);
    void start(async (signal) => {
      const photos = await readPeople(files);
      if ('kind' in photos) return setFolderError(photos);
      setProgress({ done: 0, all: photos.length });
      const onProgress = (done: number) => setProgress({ done, all: photos.length });
      setResult(await measureFolder(await loadedFaceNet(), photos, onProgress, signal));
    });
  };
  return (
    <>
      <DropZone class="lab-drop" label={t.dropPeople} onFiles={measure}>
        <h3>{t.dropPeople}</h3>
        <pre class="small">{'Ada/1.jpg\nAda/2.jpg\nBob/…\ncohorts.csv'}</pre>
        <p class="small muted">{t.peopleText}</p>
        <div class="actions">
          <PhotoInput kind="primary" folder label={t.chooseFolder} onFiles={measure} />
          {busy && <Button onClick={cancel}>{t.cancel}</Button>}
        </div>
      </DropZone>
      <div role="status">
        {folderError && (
          <p class="error">
            {t.reportErrors[folderError.kind]}{' '}
            {folderError.kind === 'cohorts-invalid' && <span lang="en">{folderError.reason}</span>}
          </p>
        )}
        {result && <p class="visually-hidden">{t.reportDone}</p>}
      </div>
      <TaskError state={state} />
      {busy && progress && (
        <div class="lab-progress">
          <p class="figure">{t.imagesOf(formatCount(progress.done), formatCount(progress.all))}</p>
          <ProgressBar label={t.evaluating} value={progress.done / progress.all} />
        </div>
      )}
      {result && <Result result={result} />}
    </>
  );
}

function Result({ result: { report, notFound } }: { result: FolderReport }) {
  const t = localized({ en, ko });
  const rate = ({ rate: value, low, high, support }: MeasuredRate) => {
    if (Number.isNaN(value)) return t.reportSupport['no-trials'];
    const range = Number.isNaN(low) ? '' : ` [${formatPercent(low, 2)}, ${formatPercent(high, 2)}]`;
    const warning = support === 'supported' ? '' : ` · ${t.reportSupport[support]}`;
    return `${formatPercent(value, 2)}${range}${warning}`;
  };
  const groups = [[t.reportAll, report.all] as const, ...report.cohorts];
  const rows = groups.map(([name, { verification, fnmrAtFmr }]) => [
    name,
    formatCount(verification.people),
    rate(verification.fmr),
    rate(verification.fnmr),
    ...fnmrAtFmr.map(({ fnmr }) => rate(fnmr)),
  ]);
  const save = () => {
    const page = reportPage(report, { title: t.reportTitle, system: 'facenet-web', notFound });
    saveFile(new Blob([page], { type: 'text/html' }), 'report.html');
  };
  const rates = report.all.fnmrAtFmr.map(({ fmr }) => `FNMR, FMR ${formatPercent(fmr, 2)}`);
  return (
    <>
      <DataTable
        open
        caption={t.reportTitle}
        heads={[t.reportCohort, t.reportPeople, 'FMR', 'FNMR', ...rates]}
        rows={rows}
      />
      <p class="small muted">{t.reportText(formatCount(report.photos), formatCount(notFound))}</p>
      <div class="actions">
        <Button kind="primary" onClick={save}>
          {t.saveReport}
        </Button>
      </div>
    </>
  );
}
