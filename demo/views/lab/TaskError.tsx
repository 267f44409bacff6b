import { localized } from '../../app/language.ts';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { en, ko } from './messages.ts';
import type { TaskState } from './use-task.ts';

/** The error of a failed task. Renders nothing otherwise. */
export function TaskError({ state }: { state: TaskState }) {
  const t = localized({ en, ko });
  if (state.status !== 'failed') return null;
  return (
    <p class="error" role="alert">
      {t.failed} <ErrorText error={state.error} />
    </p>
  );
}
