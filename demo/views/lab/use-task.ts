import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** Where a panel's work is. */
export type TaskState = { status: 'idle' } | { status: 'busy' } | { status: 'failed'; error: unknown };

/** Long work of a panel: one at a time, which can be cancelled and ends when the panel is left. */
export function useTask() {
  const state = useSignal<TaskState>({ status: 'idle' });
  const controller = useRef<AbortController | undefined>(undefined);
  const cancel = () => controller.current?.abort();
  useEffect(() => cancel, []);
  const start = async (work: (signal: AbortSignal) => Promise<void>) => {
    cancel();
    const own = new AbortController();
    controller.current = own;
    state.value = { status: 'busy' };
    try {
      await work(own.signal);
      if (controller.current === own) state.value = { status: 'idle' };
    } catch (error) {
      if (controller.current !== own) return;
      state.value = own.signal.aborted ? { status: 'idle' } : { status: 'failed', error };
    }
  };
  return { state: state.value, busy: state.value.status === 'busy', start, cancel };
}
