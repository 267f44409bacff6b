import { FaceNetError, type Progress } from 'facenet-web';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorCode } from '../ui/ErrorText.tsx';
import { ProgressBar } from '../ui/ProgressBar.tsx';
import { facenetState, loadFaceNet } from './facenet.ts';
import { formatBytes } from './format.ts';
import { localized } from './language.ts';
import { en, ko } from './messages.ts';
import { offlineReady } from './updates.ts';

/** The loading state of the models, for the masthead. */
export function ModelStatus() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  const progress = state.status === 'loading' ? state.progress : undefined;
  const readiness = offlineReady.value ? t.readyOffline : t.ready;
  const statusText = { idle: '', loading: '', ready: readiness, failed: t.loadFailed }[state.status];
  const loading = progress ? loadingText(progress) : t.loading;
  const visibleText = state.status === 'loading' ? loading : statusText;
  return (
    <div class="model-status" data-status={state.status}>
      {/* The key makes a new element for each text: moving an existing one would count as a layout shift. */}
      <p class="small" aria-hidden="true" key={visibleText}>
        {visibleText}
      </p>
      <p class="visually-hidden" role="status">
        {statusText}
      </p>
      {state.status === 'loading' && <ProgressBar label={t.loading} value={progress?.progress} />}
    </div>
  );
}

function loadingText({ loaded, total }: Progress): string {
  const t = localized({ en, ko });
  return loaded < total ? t.loadingOf(formatBytes(loaded), formatBytes(total)) : t.warmingUp;
}

/** Explains why the models could not be loaded and offers to retry. Renders nothing otherwise. */
export function ModelLoadError() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  if (state.status !== 'failed') return null;
  const { error } = state;
  const code = error instanceof FaceNetError ? error.code : undefined;
  const reasons: Partial<Record<FaceNetError['code'], string>> = {
    'model-missing': t.modelsMissing,
    'manifest-invalid': t.modelsMissing,
    'model-corrupt': t.modelsCorrupt,
    'backend-unavailable': t.cannotRun,
    'insecure-context': t.insecure,
  };
  return (
    <div class="model-load-error" role="alert">
      <EmptyState
        title={t.loadFailed}
        text={(code && reasons[code]) ?? t.otherFailure}
        code={code ? <ErrorCode code={code} /> : String(error)}
      >
        <Button kind="primary" onClick={() => void loadFaceNet()}>
          {t.retry}
        </Button>
      </EmptyState>
    </div>
  );
}
