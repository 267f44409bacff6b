import { localized } from '../../app/language.ts';
import { grouping } from './album.ts';
import { Exports } from './Exports.tsx';
import { en, ko } from './messages.ts';
import { People } from './People.tsx';
import { ProblemPhotos } from './ProblemPhotos.tsx';
import { Queue } from './Queue.tsx';
import { SelectionBar } from './SelectionBar.tsx';
import { clearSelection } from './selection.ts';
import { mergeSelected, splitSelected, undoLast } from './selection-actions.ts';
import { LowQualityFaces, SingleFaces } from './UngroupedFaces.tsx';

interface AlbumProps {
  onFiles: (files: readonly File[]) => void;
}

/** The album: the queue, the people in its photos, ungrouped faces, and the exports. */
export function Album({ onFiles }: AlbumProps) {
  const t = localized({ en, ko });
  const { groups } = grouping.value;
  const people = groups.filter(({ members, name }) => members.length > 1 || name);
  const single = groups.filter(({ members, name }) => members.length === 1 && !name);
  const keys: Record<string, () => void> = {
    m: () => mergeSelected(t),
    s: () => splitSelected(t),
    z: () => undoLast(t),
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
      <Queue onFiles={onFiles} people={groups.length} />
      <People groups={people} />
      <SingleFaces groups={single} />
      <LowQualityFaces />
      <ProblemPhotos />
      <Exports />
      <SelectionBar />
    </div>
  );
}
