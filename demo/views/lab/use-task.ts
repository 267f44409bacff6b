import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** The state of a panel's task. */
export type TaskState = { status: 'idle' } | { status: 'busy' } | { status: 'failed'; error: unknown };

/** Runs a panel's long tasks, one at a time. Starting a task, `cancel` and unmounting abort the current one. */
export function useTask() {
  const state = useSignal<TaskState>({ status: 'idle' });
  const current = useRef<AbortController | undefined>(undefined);
  const cancel = () => current.current?.abort();
  useEffect(() => cancel, []);
  const start = async (task: (signal: AbortSignal) => Promise<void>) => {
    cancel();
    const controller = new AbortController();
    current.current = controller;
    state.value = { status: 'busy' };
    try {
      await task(controller.signal);
      if (current.current === controller) state.value = { status: 'idle' };
    } catch (error) {
      if (current.current !== controller) return;
      state.value = controller.signal.aborted ? { status: 'idle' } : { status: 'failed', error };
    }
  };
  return { state: state.value, busy: state.value.status === 'busy', start, cancel };
}
