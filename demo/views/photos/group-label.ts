import type { Translation } from '../../app/language.ts';
import type { Group } from './groups.ts';
import type { en } from './messages.ts';

/** The messages of the Photos view in the current language. */
export type PhotosMessages = Translation<typeof en>;

/** A group's name, or "Person" with its id. */
export function groupLabel({ name, id }: Pick<Group, 'name' | 'id'>, t: PhotosMessages): string {
  return name || t.person(id);
}
