import { FaceNetError } from 'facenet-web';
import { DemoError } from './demo-error.ts';
import { language, localized } from './language.ts';
import { koreanErrors } from './library-errors.ts';
import { en, ko } from './messages.ts';

/** Describes an error in the current language. Errors of neither the demo nor the library keep the browser's own message. */
export function errorMessage(error: unknown): string {
  if (error instanceof DemoError) return localized({ en, ko }).errors[error.key];
  if (error instanceof FaceNetError) return language.value === 'ko' ? koreanErrors[error.code] : error.message;
  return `${localized({ en, ko }).unexpected} ${error instanceof Error ? error.message : String(error)}`;
}
