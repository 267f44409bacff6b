import { FaceNetError, type Progress } from 'facenet-web';
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
  const readiness = keptOffline.value ? t.readyOffline : t.ready;
  const settled = { waiting: '', loading: '', ready: readiness, failed: t.failed }[state.status];
  const underWay = progress && loadingText(progress);
  return (
    <div class="network-status" data-status={state.status}>
      {/* Another text is another element: one that changed its place would count as a jump of the page. */}
      <p class="small" aria-hidden="true" key={underWay ?? settled}>
        {underWay ?? settled}
      </p>
      <p class="unseen" role="status">
        {settled}
      </p>
      {state.status === 'loading' && <ProgressBar label={t.loading} value={progress?.progress} />}
    </div>
  );
}

function loadingText({ loaded, total }: Progress): string {
  const t = inLanguage({ en, ko });
  return loaded < total ? t.loadingOf(bytes(loaded), bytes(total)) : t.warming;
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
