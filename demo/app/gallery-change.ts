import { errorMessage } from './error-message.ts';
import { refreshPeople } from './gallery.ts';
import { toast } from './toasts.tsx';

/** Awaits a change of the gallery and refreshes the list. @returns whether it succeeded; a failure is shown. */
export async function applyChange(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    toast(errorMessage(error));
    return false;
  } finally {
    await refreshPeople();
  }
}
