import { effect } from '@preact/signals';
import { storedSignal } from './stored-signal.ts';

/** The available languages, each by its own name. */
export const languages = { en: 'English', ko: '한국어' } as const;

/** A language tag of {@link languages}. */
export type Language = keyof typeof languages;

/** The type of a translation: the same keys, and functions with the same parameters. */
export type Translation<Messages> = {
  readonly [Key in keyof Messages]: Messages[Key] extends (...args: infer Args) => string
    ? (...args: Args) => string
    : Messages[Key] extends string
      ? string
      : Translation<Messages[Key]>;
};

/** The current language: the user's choice, otherwise the browser's first preference that is available. */
export const language = storedSignal<Language>('language', browserLanguage(), (value) => value in languages);

effect(() => {
  document.documentElement.lang = language.value;
});

/**
 * Selects the messages of the current language. A component that calls this renders again when the language changes.
 *
 * @example
 * const t = localized({ en, ko });
 * <h2>{t.title}</h2>
 */
export function localized<Messages>({ en, ko }: { en: Messages; ko: Translation<Messages> }): Translation<Messages> {
  return language.value === 'ko' ? ko : (en as Translation<Messages>);
}

function browserLanguage(): Language {
  const preferred = navigator.languages.map((tag) => tag.split('-')[0] ?? '');
  return preferred.find((tag): tag is Language => tag in languages) ?? 'en';
}
