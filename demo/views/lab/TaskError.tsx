import { localized } from '../../app/language.ts';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { en, ko } from './messages.ts';
import type { TaskState } from './use-task.ts';

/** What went wrong with a panel's work, in a sentence; nothing while all is well. */
export function TaskError({ state }: { state: TaskState }) {
  const t = localized({ en, ko });
  if (state.status !== 'failed') return null;
  return (
    <p class="trouble" role="alert">
      {t.failed} <ErrorText error={state.error} />
    </p>
  );
}
