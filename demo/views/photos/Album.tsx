import { localized } from '../../app/language.ts';
import { route } from '../../app/router.ts';
import { hiddenPeople, people } from './album.ts';
import { mergeSelected, splitSelected, undoLast } from './corrections.ts';
import { Exports } from './Exports.tsx';
import { en, ko } from './messages.ts';
import { People } from './People.tsx';
import { PersonPage } from './PersonPage.tsx';
import { ProblemPhotos } from './ProblemPhotos.tsx';
import { Questions } from './Questions.tsx';
import { Queue } from './Queue.tsx';
import { SelectionBar } from './SelectionBar.tsx';
import { clearSelection } from './selection.ts';
import { HiddenPeople, LowQualityFaces, SingleFaces } from './UngroupedFaces.tsx';

interface AlbumProps {
  onFiles: (files: readonly File[]) => void;
}

/** The album, or the page of a person in it. */
export function Album({ onFiles }: AlbumProps) {
  const t = localized({ en, ko });
  const number = Number(route.value.parameters.get('person'));
  const opened = [...people.value, ...hiddenPeople.value].find((person) => person.number === number);
  const keys: Record<string, () => void> = {
    m: () => void mergeSelected(t),
    s: () => void splitSelected(t),
    z: () => void undoLast(t),
    Escape: clearSelection,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { target, key } = event;
    const typing = target instanceof Element && target.matches('input[type="text"], select, dialog *');
    const action = keys[key.length === 1 ? key.toLowerCase() : key];
    if (typing || !action || event.altKey || (key.toLowerCase() !== 'z' && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    action();
  };
  return (
    // The shortcuts work wherever the focus is inside the album. Every shortcut has a button too.
    // biome-ignore lint/a11y/noStaticElementInteractions: handles shortcuts only; the interactive elements are inside.
    <div class="album" tabIndex={-1} onKeyDown={onKeyDown}>
      {opened ? <PersonPage key={opened.number} person={opened} /> : <Overview onFiles={onFiles} />}
      <SelectionBar opened={opened?.number} />
    </div>
  );
}

/** The queue, the people in the photos, ungrouped faces, and the exports. */
function Overview({ onFiles }: AlbumProps) {
  const all = people.value;
  return (
    <>
      <Queue onFiles={onFiles} people={all.length} />
      <Questions />
      <People people={all.filter(({ faces, name }) => faces > 1 || name)} />
      <SingleFaces people={all.filter(({ faces, name }) => faces === 1 && !name)} />
      <LowQualityFaces />
      <HiddenPeople />
      <ProblemPhotos />
      <Exports />
    </>
  );
}
