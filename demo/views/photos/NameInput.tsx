import { localized } from '../../app/language.ts';
import { namePerson } from './corrections.ts';
import { en, ko } from './messages.ts';

/** The name of a person, to edit. */
export function NameInput({ person, name }: { person: number; name: string }) {
  const t = localized({ en, ko });
  return (
    <input
      type="text"
      class="person-name"
      aria-label={t.name(t.person(person))}
      placeholder={t.namePlaceholder}
      maxLength={60}
      autoComplete="off"
      value={name}
      onChange={({ currentTarget }) => {
        if (currentTarget.value.trim() !== name) void namePerson(person, currentTarget.value, t);
      }}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Enter') currentTarget.blur();
      }}
    />
  );
}
