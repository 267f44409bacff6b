import { useState } from 'preact/hooks';
import { facenetOptions, facenetState, loadedFaceNet } from '../../app/facenet.ts';
import { formatNumber } from '../../app/format.ts';
import { language, localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { type BenchResult, benchStages, stageNames } from './bench.ts';
import { DataTable } from './DataTable.tsx';
import { formatMilliseconds } from './format.ts';
import { koreanChoice, koreanExecution, koreanRejection } from './korean-reasons.ts';
import { en, ko } from './messages.ts';
import { referenceMachine, referenceTimes } from './reference-times.ts';
import { TaskError } from './TaskError.tsx';
import { useTask } from './use-task.ts';

/** The number of measurements per stage. */
const rounds = 10;

/** The reference times of the preset that the page loads. */
const reference = referenceTimes('balanced');

/** Measures the stages on this device and compares them with the reference times. */
export function Bench() {
  const t = localized({ en, ko });
  const { state, busy, start, cancel } = useTask();
  const [progress, setProgress] = useState(0);
  const [result, setResult] = useState<BenchResult>();
  const run = () =>
    void start(async (signal) => {
      setProgress(0);
      setResult(await benchStages(await loadedFaceNet(), rounds, setProgress, signal));
    });
  return (
    <>
      <Backend />
      <div class="actions">
        <Button kind="primary" disabled={busy} onClick={run}>
          {result ? t.benchAgain : t.benchStart}
        </Button>
        {busy && <Button onClick={cancel}>{t.cancel}</Button>}
      </div>
      {busy && <ProgressBar label={t.bench.title} value={progress} />}
      <TaskError state={state} />
      <p role="status" class="bench-result">
        {result && (
          <>
            <strong class="figure">{formatNumber(result.embeddingsPerSecond, 1)}</strong> {t.perSecond}
          </>
        )}
      </p>
      <StageBars result={result} />
      <StageTable result={result} />
      <p class="small muted source">
        {t.benchSource(referenceMachine)} <code>npm run bench</code>
      </p>
    </>
  );
}

/** The median times of the stages as bars, beside the reference times. */
function StageBars({ result }: { result: BenchResult | undefined }) {
  const t = localized({ en, ko });
  const maxTime = Math.max(
    ...stageNames.flatMap((name) => [reference[name]?.median ?? 0, result?.stages[name].median ?? 0]),
  );
  return (
    <>
      <p class="small bench-key" aria-hidden="true">
        <span class="key own" /> {t.thisDevice} <span class="key reference" /> {t.reference}
      </p>
      <ul class="bench-bars" aria-hidden="true">
        {stageNames.map((name) => (
          <li key={name}>
            <p class="small">{t.stages[name]}</p>
            <Bar kind="own" value={result?.stages[name].median} max={maxTime} />
            <Bar kind="reference" value={reference[name]?.median} max={maxTime} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** The same times as a table, with their range and ratio. */
function StageTable({ result }: { result: BenchResult | undefined }) {
  const t = localized({ en, ko });
  return (
    <DataTable
      caption={t.bench.title}
      heads={[t.stage, t.thisDevice, t.range, t.reference, t.ratio]}
      rows={stageNames.map((name) => {
        const [own, published] = [result?.stages[name], reference[name]];
        return [
          t.stages[name],
          own ? formatMilliseconds(own.median) : '–',
          own ? `${formatMilliseconds(own.min)} – ${formatMilliseconds(own.max)}` : '–',
          published ? formatMilliseconds(published.median) : '–',
          own && published ? `${formatNumber(published.median / own.median, 2)}×` : '–',
        ];
      })}
    />
  );
}

function Bar({ kind, value, max }: { kind: 'own' | 'reference'; value: number | undefined; max: number }) {
  return (
    <div class={`bar ${kind}`} style={{ '--share': value ? value / max : 0 }}>
      <span class="small figure">{value ? formatMilliseconds(value) : '–'}</span>
    </div>
  );
}

/** The backend that runs the models, the reason for it, and the rejected ones. */
function Backend() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  if (state.status !== 'ready') return <p class="muted">{t.waitingForModels}</p>;
  const { backend, execution, models } = state.facenet;
  return (
    <dl class="backend">
      <div>
        <dt>{t.backend}</dt>
        <dd class="figure">{backend.name}</dd>
        <dd class="small muted">
          <Reason english={backend.reason} korean={koreanChoice(backend, facenetOptions.value.backend)} />
        </dd>
        {backend.rejected.map(({ name, reason }) => (
          <dd key={name} class="small muted">
            {name}: <Reason english={reason} korean={koreanRejection(reason)} />
          </dd>
        ))}
      </div>
      <div>
        <dt>{t.execution}</dt>
        <dd class="figure">{execution.name}</dd>
        <dd class="small muted">
          <Reason english={execution.reason} korean={koreanExecution(execution)} />
        </dd>
      </div>
      <div>
        <dt>{t.models}</dt>
        {Object.values(models).map((name) => (
          <dd key={name} class="figure small">
            {name}
          </dd>
        ))}
      </div>
    </dl>
  );
}

/** A reason of the library, which is English, or its translation where the page is Korean and there is one. */
function Reason({ english, korean }: { english: string; korean: string | undefined }) {
  const translated = language.value === 'ko' ? korean : undefined;
  return <span lang={translated ? undefined : 'en'}>{translated ?? english}</span>;
}
