import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../ui/Button.tsx';
import { inLanguage } from './language.ts';
import { en, ko } from './messages.ts';
import './dialogs.css';

/** What a dialog asks. */
interface Question {
  title: string;
  text: string;
  /** What the button says that does it. */
  yes: string;
  /** Whether it destroys something. */
  danger?: boolean;
  /** With a text to be entered: what it is called, and what stands there first. */
  input?: { label: string; value: string };
}

interface Asked extends Question {
  answer: (value: string | undefined) => void;
}

const asked = signal<Asked | undefined>(undefined);

/** Asks whether to do something. */
export async function confirmDialog(question: Question): Promise<boolean> {
  return (await ask(question)) !== undefined;
}

/** Asks for a text. @returns the text without spaces around it; undefined when it was not given. */
export async function promptDialog(question: Question & { input: { label: string; value: string } }) {
  return (await ask(question))?.trim() || undefined;
}

function ask(question: Question): Promise<string | undefined> {
  asked.peek()?.answer(undefined);
  return new Promise((resolve) => {
    const answer = (value: string | undefined) => {
      asked.value = undefined;
      resolve(value);
    };
    asked.value = { ...question, answer };
  });
}

/** Where the question is asked; once, in the shell. */
export function Questions() {
  const t = inLanguage({ en, ko });
  const question = asked.value;
  const input = useRef<HTMLInputElement>(null);
  if (!question) return null;
  const { title, text, yes, danger = false, input: wanted, answer } = question;
  return (
    <Dialog title={title} onClose={() => answer(undefined)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer(input.current?.value ?? '');
        }}
      >
        <p class="muted">{text}</p>
        {wanted && (
          <label class="field">
            <span class="small">{wanted.label}</span>
            <input ref={input} type="text" required maxLength={60} autoComplete="off" defaultValue={wanted.value} />
          </label>
        )}
        <div class="actions">
          <Button onClick={() => answer(undefined)}>{t.cancel}</Button>
          <button type="submit" class={`button ${danger ? 'danger' : 'primary'}`}>
            {yes}
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

/** A dialog over the page, which keeps the focus until it is closed. */
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
