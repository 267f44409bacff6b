import { storedSignal } from '../../app/stored-signal.ts';

/** Whether the stored people have a passphrase. */
export const hasPassphrase: ReturnType<typeof storedSignal<'yes' | 'no'>> = storedSignal<'yes' | 'no'>(
  'passphrase',
  'no',
  (value) => value === 'yes' || value === 'no',
);
