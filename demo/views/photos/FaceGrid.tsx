import { useRef, useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { LibraryCrop } from './LibraryCrop.tsx';
import { en, ko } from './messages.ts';
import { selectedFaces, toggleFace } from './selection.ts';

/** The number of faces to show at first, and to add with each click on "Show more". */
const pageSize = 48;

interface FaceGridProps {
  /** The accessible name of the group. */
  label: string;
  /** The numbers of the faces. */
  members: readonly number[];
}

/** A grid of selectable faces. One of them is in the tab order, and the arrow keys move to the others. */
export function FaceGrid({ label, members }: FaceGridProps) {
  const t = localized({ en, ko });
  const [shown, setShown] = useState(pageSize);
  const [current, setCurrent] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const visible = members.slice(0, shown);
  const more = Math.min(pageSize, members.length - visible.length);
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(grid.current?.querySelectorAll('button') ?? [])];
    const next = nextIndex(event.key, buttons, current);
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    buttons[next]?.focus();
  };
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset needs a legend, and the heading already names the group. */}
      <div class="face-grid" role="group" aria-label={label} ref={grid} onKeyDown={onKeyDown}>
        {visible.map((face, i) => (
          <button
            key={face}
            type="button"
            class="face-pick"
            aria-pressed={selectedFaces.value.has(face)}
            aria-label={t.face(face + 1)}
            tabIndex={i === Math.min(current, visible.length - 1) ? 0 : -1}
            onFocus={() => setCurrent(i)}
            onClick={() => toggleFace(face)}
          >
            <LibraryCrop face={face} />
          </button>
        ))}
      </div>
      {more > 0 && (
        <Button kind="quiet" onClick={() => setShown(shown + pageSize)}>
          {t.showMore(more)}
        </Button>
      )}
    </>
  );
}

/** The index that a navigation key moves to in a wrapping grid. Undefined for other keys and beyond the edges. */
function nextIndex(key: string, buttons: readonly HTMLElement[], current: number): number | undefined {
  const top = buttons[0]?.offsetTop;
  const columns = Math.max(1, buttons.filter(({ offsetTop }) => offsetTop === top).length);
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  const ends: Record<string, number> = { Home: 0, End: buttons.length - 1 };
  const next = ends[key] ?? current + (steps[key] ?? Number.NaN);
  return next >= 0 && next < buttons.length ? next : undefined;
}
