import { effect } from '@preact/signals';
import { setting } from './settings.ts';

/** The languages that the demo speaks, each by its own name. */
export const languages = { en: 'English', ko: '한국어' } as const;
export type Language = keyof typeof languages;

/** The same messages in another language: none may be missing, and those with parameters take the same ones. */
export type Translation<Messages> = {
  readonly [Key in keyof Messages]: Messages[Key] extends (...args: infer Args) => string
    ? (...args: Args) => string
    : Messages[Key] extends string
      ? string
      : Translation<Messages[Key]>;
};

/** The language in use: what was chosen, else the browser's first that the demo speaks. */
export const language = setting<Language>('language', browserLanguage(), (value) => value in languages);

effect(() => {
  document.documentElement.lang = language.value;
});

/**
 * A view's messages in the language in use. A component that calls this is drawn again when the language changes.
 *
 * @example
 * const t = inLanguage({ en, ko });
 * <h2>{t.title}</h2>
 */
export function inLanguage<Messages>({ en, ko }: { en: Messages; ko: Translation<Messages> }): Translation<Messages> {
  return language.value === 'ko' ? ko : (en as Translation<Messages>);
}

function browserLanguage(): Language {
  const spoken = navigator.languages.map((tag) => tag.split('-')[0] ?? '');
  return spoken.find((tag): tag is Language => tag in languages) ?? 'en';
}
