import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import './button.css';

/** `primary`: the one thing to do here; `danger`: destroys something; `quiet`: without a border. */
export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

export type ButtonProps = Omit<ButtonHTMLAttributes, 'type' | 'class'> & {
  kind?: ButtonKind;
  class?: string;
  children: ComponentChildren;
};

/** A button, at least as large as a finger needs. */
export function Button({ kind = 'plain', class: name = '', children, ...attributes }: ButtonProps) {
  return (
    <button type="button" class={`button ${kind} ${name}`} {...attributes}>
      {children}
    </button>
  );
}
