import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../ui/Button.tsx';
import { localized } from './language.ts';
import { en, ko } from './messages.ts';
import './dialogs.css';

/** A question with a confirm and a cancel button. */
interface Question {
  title: string;
  text: string;
  confirmLabel: string;
  /** Whether the action destroys data. */
  danger?: boolean;
  /** A text field: its label and its initial value. */
  input?: { label: string; value: string };
}

interface PendingQuestion extends Question {
  answer: (value: string | undefined) => void;
}

const pending = signal<PendingQuestion | undefined>(undefined);

/** Asks the user to confirm an action. @returns whether the user confirmed it. */
export async function confirmDialog(question: Question): Promise<boolean> {
  return (await ask(question)) !== undefined;
}

/** Asks the user for a text. @returns the trimmed text. Undefined if it is empty or the user cancelled. */
export async function promptDialog(question: Question & { input: { label: string; value: string } }) {
  return (await ask(question))?.trim() || undefined;
}

function ask(question: Question): Promise<string | undefined> {
  pending.peek()?.answer(undefined);
  return new Promise((resolve) => {
    const answer = (value: string | undefined) => {
      pending.value = undefined;
      resolve(value);
    };
    pending.value = { ...question, answer };
  });
}

/** Shows the question of {@link confirmDialog} or {@link promptDialog}. The shell renders it once. */
export function ConfirmationDialog() {
  const t = localized({ en, ko });
  const question = pending.value;
  const input = useRef<HTMLInputElement>(null);
  if (!question) return null;
  const { title, text, confirmLabel, danger = false, input: field, answer } = question;
  return (
    <Dialog title={title} onClose={() => answer(undefined)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer(input.current?.value ?? '');
        }}
      >
        <p class="muted">{text}</p>
        {field && (
          <label class="field">
            <span class="small">{field.label}</span>
            <input ref={input} type="text" required maxLength={60} autoComplete="off" defaultValue={field.value} />
          </label>
        )}
        <div class="actions">
          <Button onClick={() => answer(undefined)}>{t.cancel}</Button>
          <button type="submit" class={`button ${danger ? 'danger' : 'primary'}`}>
            {confirmLabel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="dialog-title" onCancel={onClose}>
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
