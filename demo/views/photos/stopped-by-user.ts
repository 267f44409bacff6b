import { storedSignal } from '../../app/stored-signal.ts';

/** Whether the user stopped the queue. It stays stopped after a reload, until the user resumes it or adds photos. */
export const stoppedByUser: ReturnType<typeof storedSignal<'yes' | 'no'>> = storedSignal<'yes' | 'no'>(
  'photos-stopped',
  'no',
  (value) => value === 'yes' || value === 'no',
);
