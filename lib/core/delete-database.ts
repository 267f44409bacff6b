import { deleteDB } from 'idb';
import { BlockedNotice } from './blocked-notice.ts';

/** Deletes a database. @param onBlocked called if another tab keeps it open or does not answer, so that the call waits. */
export async function deleteDatabase(name: string, onBlocked: (() => void) | undefined): Promise<void> {
  const notice = new BlockedNotice(onBlocked);
  try {
    await deleteDB(name, { blocked: () => notice.tell() });
  } finally {
    notice.end();
  }
}
