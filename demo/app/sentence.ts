import { inLanguage } from './language.ts';
import { en, ko } from './messages.ts';
import { DemoError } from './problems.ts';

/** What went wrong, in a sentence: the demo's own in the language in use, the library's and the browser's in theirs. */
export function sentenceOf(error: unknown): string {
  if (error instanceof DemoError) return inLanguage({ en, ko }).problems[error.problem];
  return error instanceof Error ? error.message : String(error);
}
