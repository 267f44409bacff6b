import { en } from './messages.ts';

/** A key of `errors` in the shell's messages. */
export type DemoErrorKey = keyof typeof en.errors;

/** An error of the demo itself. Its key selects the text in the current language; `message` is the English one. */
export class DemoError extends Error {
  readonly key: DemoErrorKey;

  constructor(key: DemoErrorKey, options?: ErrorOptions) {
    super(en.errors[key], options);
    this.key = key;
  }
}
