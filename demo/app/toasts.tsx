import { signal } from '@preact/signals';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { localized } from './language.ts';
import { en, ko } from './messages.ts';
import { applyUpdate } from './updates.ts';

/** A short message at the edge of the page. Screen readers announce it. */
interface Toast {
  id: number;
  text: string;
  /** A button in the message. */
  action?: { label: string; run: () => void } | undefined;
}

/** The message that is shown. There is one at a time: a newer one replaces it, with its action. */
const current = signal<Toast | undefined>(undefined);
let nextId = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** How long a message is shown, in milliseconds. */
const duration = 8000;

/**
 * Shows a message until its time is over, the user closes it, another message comes or the user goes to another view.
 *
 * @param action a button that undoes exactly the change that the message reports.
 */
export function toast(text: string, action?: Toast['action']): void {
  current.value = { id: nextId++, text, action };
  restartTimer();
}

/** Removes the message. */
export function dismissToast(): void {
  clearTimeout(timer);
  current.value = undefined;
}

function restartTimer(): void {
  clearTimeout(timer);
  timer = setTimeout(dismissToast, duration);
}

// The change that a message reports belongs to its view.
addEventListener('hashchange', dismissToast);

/** Shows the messages of {@link toast} and the update prompt. The shell renders it once. */
export function Toasts() {
  const t = localized({ en, ko });
  const updateNow = applyUpdate.value;
  const shown = current.value;
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
      {shown && (
        // The time stops while the pointer or the focus is on the message.
        <div
          class="toast"
          key={shown.id}
          onPointerEnter={() => clearTimeout(timer)}
          onPointerLeave={restartTimer}
          onFocusIn={() => clearTimeout(timer)}
          onFocusOut={restartTimer}
        >
          <p>{shown.text}</p>
          {shown.action && (
            <Button
              kind="quiet"
              onClick={() => {
                dismissToast();
                shown.action?.run();
              }}
            >
              {shown.action.label}
            </Button>
          )}
          <Button kind="quiet" aria-label={t.close} title={t.close} onClick={dismissToast}>
            <Icon name="close" />
          </Button>
        </div>
      )}
    </div>
  );
}
