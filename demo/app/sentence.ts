import { FaceNetError } from 'facenet-web';
import { inLanguage, language } from './language.ts';
import { koreanErrors } from './library-errors.ts';
import { en, ko } from './messages.ts';
import { DemoError } from './problems.ts';

/** What went wrong, in a sentence in the language in use; what neither the demo nor the library foresaw in the browser's words. */
export function sentenceOf(error: unknown): string {
  if (error instanceof DemoError) return inLanguage({ en, ko }).problems[error.problem];
  if (error instanceof FaceNetError) return language.value === 'ko' ? koreanErrors[error.code] : error.message;
  return `${inLanguage({ en, ko }).unforeseen} ${error instanceof Error ? error.message : String(error)}`;
}
