import type { Change } from './store.ts';

/** Whether a change deletes people or enrolled faces, and writes nothing but the gallery's own record and the log. */
export function isRemoval(change: Change): boolean {
  const { people, templates, crops, setAside, discardDamaged, removePeople, removeTemplates } = change;
  const written = [people, templates, crops, setAside].some((records) => records && records.length > 0);
  const removed = [removePeople, removeTemplates].some((ids) => ids && ids.length > 0);
  return removed && !written && !discardDamaged;
}

/** Whether a write failed because the disk is full. */
export function isFullDisk(error: unknown): boolean {
  return (error as { name?: unknown } | undefined)?.name === 'QuotaExceededError';
}
