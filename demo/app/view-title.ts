import { useEffect, useRef } from 'preact/hooks';
import { localized } from './language.ts';
import { en, ko } from './messages.ts';
import { route } from './router.ts';
import { subject } from './subject.ts';
import { loadedView } from './view-loader.ts';

/** Names the page after what it shows, and on navigation moves the focus and the scroll position to its heading. */
export function useViewTitle(): void {
  const t = localized({ en, ko });
  const { view, parameters } = route.value;
  const ready = loadedView(view) !== undefined;
  const page = `${view} ${parameters.get('person') ?? ''}`;
  const shown = useRef<string>(undefined);
  const title = [subject.value, t.titles[view], 'facenet-web'].filter((part) => part !== undefined).join(' – ');
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    if (!ready) return;
    const isNavigation = shown.current !== undefined && shown.current !== page;
    shown.current = page;
    if (!isNavigation) return;
    scrollTo(0, 0);
    focusHeading();
  }, [page, ready]);
}

/** Focuses the heading of the person who is shown, or of the view. */
function focusHeading(): void {
  const heading = document.getElementById('person-title') ?? document.getElementById('view-title');
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
