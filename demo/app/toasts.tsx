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

const toasts = signal<readonly Toast[]>([]);
let nextId = 0;

/** How long a message is shown, in milliseconds. */
const duration = 8000;

/** Shows a message for eight seconds, in place of the last one. A message with an action ends on navigation too. */
export function toast(text: string, action?: Toast['action']): void {
  const id = nextId++;
  toasts.value = [{ id, text, action }];
  setTimeout(() => dismiss(id), duration);
}

// The action of a message concerns what was shown with it.
addEventListener('hashchange', () => {
  toasts.value = toasts.value.filter(({ action }) => !action);
});

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Shows the messages of {@link toast} and the update prompt. The shell renders it once. */
export function Toasts() {
  const t = localized({ en, ko });
  const updateNow = applyUpdate.value;
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
