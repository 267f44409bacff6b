import type { ComponentChildren } from 'preact';
import './empty-state.css';

interface EmptyStateProps {
  title: string;
  text?: ComponentChildren;
  /** Actions: buttons and links. */
  children?: ComponentChildren;
  /** The code of an error, or what else identifies it. */
  code?: ComponentChildren;
}

/** A placeholder for a view without content or with an error, with a heading, an explanation and actions. */
export function EmptyState({ title, text, children, code }: EmptyStateProps) {
  return (
    <div class="empty-state">
      <h2>{title}</h2>
      {text && <p class="muted">{text}</p>}
      {children && <div class="actions">{children}</div>}
      {code && <p class="small muted">{code}</p>}
    </div>
  );
}
