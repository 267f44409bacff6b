import { FaceNetError } from 'facenet-web';
import { inLanguage } from '../../app/language.ts';
import { en, ko } from './messages.ts';
import type { WorkState } from './work.ts';

/** What went wrong with a panel's work, in the library's words and with its code; nothing while all is well. */
export function WorkTrouble({ state }: { state: WorkState }) {
  const t = inLanguage({ en, ko });
  if (state.status !== 'failed') return null;
  const { error } = state;
  return (
    <p class="trouble" role="alert">
      {t.failed} <span lang="en">{error instanceof Error ? error.message : String(error)}</span>
      {error instanceof FaceNetError && <code class="small"> {error.code}</code>}
    </p>
  );
}
