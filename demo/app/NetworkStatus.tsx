import { FaceNetError } from 'facenet-web';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ProgressBar } from '../ui/ProgressBar.tsx';
import { facenetState, loadFaceNet } from './facenet.ts';
import { bytes } from './format.ts';
import { inLanguage } from './language.ts';
import { en, ko } from './messages.ts';
import { keptOffline } from './updates.ts';

/** How far the networks are, in a few words, for the masthead. */
export function NetworkStatus() {
  const t = inLanguage({ en, ko });
  const state = facenetState.value;
  const progress = state.status === 'loading' ? state.progress : undefined;
  const offline = keptOffline.value ? t.readyOffline : t.ready;
  const settled = { waiting: '', loading: '', ready: offline, failed: t.failed }[state.status];
  return (
    <div class="network-status" data-status={state.status}>
      <p class="small">
        {progress && (
          <span>
            {progress.loaded < progress.total ? t.loadingOf(bytes(progress.loaded), bytes(progress.total)) : t.warming}
          </span>
        )}
        <span role="status">{settled}</span>
      </p>
      {state.status === 'loading' && <ProgressBar label={t.loading} value={progress?.progress} />}
    </div>
  );
}

/** Why the networks did not load, and what to do; nothing where they did. */
export function NetworkTrouble() {
  const t = inLanguage({ en, ko });
  const state = facenetState.value;
  if (state.status !== 'failed') return null;
  const { error } = state;
  const code = error instanceof FaceNetError ? error.code : undefined;
  const reasons: Partial<Record<FaceNetError['code'], string>> = {
    'model-missing': t.weightsMissing,
    'manifest-invalid': t.weightsMissing,
    'model-corrupt': t.weightsDamaged,
    'backend-unavailable': t.cannotRun,
    'insecure-context': t.insecure,
  };
  return (
    <div class="network-trouble" role="alert">
      <EmptyState title={t.failed} text={(code && reasons[code]) ?? t.otherFailure} code={code ?? String(error)}>
        <Button kind="primary" onClick={() => void loadFaceNet()}>
          {t.retry}
        </Button>
      </EmptyState>
    </div>
  );
}
