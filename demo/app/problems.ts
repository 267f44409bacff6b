import { inLanguage } from './language.ts';
import { en, ko } from './messages.ts';

/** What goes wrong in the demo itself, by its key among the messages, so that it is told in the language in use. */
export class DemoError extends Error {
  readonly problem: keyof typeof en.problems;

  constructor(problem: keyof typeof en.problems, options?: ErrorOptions) {
    super(en.problems[problem], options);
    this.problem = problem;
  }
}

/** What went wrong, in a sentence: the demo's own in the language in use, the library's and the browser's in theirs. */
export function sentenceOf(error: unknown): string {
  if (error instanceof DemoError) return inLanguage({ en, ko }).problems[error.problem];
  return error instanceof Error ? error.message : String(error);
}
