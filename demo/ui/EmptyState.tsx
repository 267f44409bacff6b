import type { ComponentChildren } from 'preact';
import './empty-state.css';

interface EmptyStateProps {
  title: string;
  text?: ComponentChildren;
  /** Actions: buttons and links. */
  children?: ComponentChildren;
  /** An error code to look up or report, such as that of a FaceNetError. */
  code?: string | undefined;
}

/** A placeholder for a view without content or with an error, with a heading, an explanation and actions. */
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
