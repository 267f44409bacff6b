import { useState } from 'preact/hooks';
import { EraseButton } from '../../app/EraseButton.tsx';
import { errorMessage } from '../../app/error-message.ts';
import { isRepairable, repairGallery } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { en, ko } from './messages.ts';

/** Opens the remembered people without the records that are damaged, or erases everything. */
export function Repair({ passphrase }: { passphrase?: string | undefined }) {
  const t = localized({ en, ko });
  const [busy, setBusy] = useState(false);
  const repair = async () => {
    setBusy(true);
    try {
      const damaged = await repairGallery(passphrase);
      toast(damaged === undefined ? t.repairFailed : t.repaired(damaged));
    } catch (error) {
      toast(isRepairable(error) ? t.repairFailed : errorMessage(error));
    }
    setBusy(false);
  };
  return (
    <>
      <Button kind="primary" disabled={busy} onClick={() => void repair()}>
        {busy ? t.repairing : t.repair}
      </Button>
      <EraseButton />
    </>
  );
}
