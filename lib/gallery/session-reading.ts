import { abortable } from '../core/cancellation.ts';
import { isDamage } from './repair.ts';
import type { SessionRecords } from './session-records.ts';
import type { GalleryState } from './state.ts';

/** How {@link onCurrentState} reads the state. */
interface Reading {
  records: SessionRecords;
  /** Reads the current state. */
  current: () => Promise<GalleryState>;
  /** Cancels the wait for the work. */
  signal?: AbortSignal | undefined;
}

/**
 * Works on the current state of a gallery.
 *
 * @param work is repeated if it finds a damaged record and the gallery has changed meanwhile, in this tab or in another: the record
 *   can have another key now, or be deleted.
 */
export async function onCurrentState<T>(
  work: (state: GalleryState) => Promise<T>,
  { records, current, signal }: Reading,
): Promise<T> {
  for (;;) {
    const state = await current();
    // A change in this tab can alter the state during the work.
    const { revision } = state.meta;
    try {
      return await abortable(work(state), signal);
    } catch (error) {
      if (!isDamage(error) || !(await abortable(records.hasChanged(revision), signal))) throw error;
    }
  }
}
