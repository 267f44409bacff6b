import type { LibraryPerson } from 'facenet-web/library';
import type { Translation } from '../../app/language.ts';
import type { en } from './messages.ts';

/** The messages of the Photos view in the current language. */
export type PhotosMessages = Translation<typeof en>;

/** A person's name, or "Person" with its number. */
export function personLabel({ name, number }: Pick<LibraryPerson, 'name' | 'number'>, t: PhotosMessages): string {
  return name || t.person(number);
}
