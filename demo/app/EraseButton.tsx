import { Button } from '../ui/Button.tsx';
import { confirmDialog } from './dialogs.tsx';
import { localized } from './language.ts';
import { en, ko } from './messages.ts';
import { eraseEverything } from './storage.ts';

/** Erases everything that the page stores on this device, after a question. */
export function EraseButton({ onClick }: { onClick?: () => void }) {
  const t = localized({ en, ko });
  const erase = async () => {
    onClick?.();
    const question = { title: t.eraseTitle, text: t.eraseText, confirmLabel: t.erase, danger: true };
    if (await confirmDialog(question)) await eraseEverything();
  };
  return (
    <Button kind="danger" onClick={() => void erase()}>
      {t.erase}
    </Button>
  );
}
