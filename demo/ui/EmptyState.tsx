import type { ComponentChildren } from 'preact';
import './empty-state.css';

interface EmptyStateProps {
  title: string;
  text?: ComponentChildren;
  /** What can be done: buttons and links. */
  children?: ComponentChildren;
  /** The machine's name of a trouble, such as a FaceNetError's code, to be looked up or reported. */
  code?: string | undefined;
}

/** What is shown where there is nothing yet, or where something went wrong: what it is, and what to do. */
export function EmptyState({ title, text, children, code }: EmptyStateProps) {
  return (
    <div class="empty-state">
      <h2>{title}</h2>
      {text && <p class="muted">{text}</p>}
      {children && <div class="actions">{children}</div>}
      {code && <code class="small muted">{code}</code>}
    </div>
  );
}
