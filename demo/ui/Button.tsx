import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import './button.css';

/** `primary`: the main action; `danger`: destroys data; `quiet`: without a border. */
export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

/** A button's attributes, with a {@link ButtonKind} and extra class names. */
export type ButtonProps = Omit<ButtonHTMLAttributes, 'type' | 'class'> & {
  kind?: ButtonKind;
  class?: string;
  children: ComponentChildren;
};

/** A button whose size meets the minimum touch target. */
export function Button({ kind = 'plain', class: name = '', children, ...attributes }: ButtonProps) {
  return (
    <button type="button" class={`button ${kind} ${name}`} {...attributes}>
      {children}
    </button>
  );
}
