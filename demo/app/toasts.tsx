import { signal } from '@preact/signals';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { inLanguage } from './language.ts';
import { en, ko } from './messages.ts';
import { update } from './updates.ts';

/** A short message at the edge of the page, which screen readers hear. */
interface Toast {
  id: number;
  text: string;
  /** What can be done about it. */
  action?: { label: string; run: () => void } | undefined;
}

const toasts = signal<readonly Toast[]>([]);
let ids = 0;

/** How long a message without an action stays, in milliseconds. */
const shownFor = 6000;

/** Shows a message; one with an action stays until it is used or closed. */
export function toast(text: string, action?: Toast['action']): void {
  const id = ids++;
  toasts.value = [...toasts.value.filter((other) => other.text !== text), { id, text, action }];
  if (!action) setTimeout(() => dismiss(id), shownFor);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Where the messages appear; once, in the shell. */
export function Toasts() {
  const t = inLanguage({ en, ko });
  const updateNow = update.value;
  return (
    <div class="toasts" role="status">
      {updateNow && (
        <div class="toast">
          <p>{t.updateReady}</p>
          <Button kind="primary" onClick={updateNow}>
            {t.updateNow}
          </Button>
        </div>
      )}
      {toasts.value.map(({ id, text, action }) => (
        <div class="toast" key={id}>
          <p>{text}</p>
          {action && (
            <Button
              kind="quiet"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </Button>
          )}
          <Button kind="quiet" aria-label={t.close} onClick={() => dismiss(id)}>
            <Icon name="close" />
          </Button>
        </div>
      ))}
    </div>
  );
}
