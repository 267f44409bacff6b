import { signal } from '@preact/signals';

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
export function Toasts({ closeLabel }: { closeLabel: string }) {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, action }) => (
        <div class="toast" key={id}>
          <p>{text}</p>
          {action && (
            <button
              type="button"
              class="button quiet"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" class="button icon-only" aria-label={closeLabel} onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
