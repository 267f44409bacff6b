import { useEffect, useRef } from 'preact/hooks';
import { localized } from './language.ts';
import { en, ko } from './messages.ts';
import { route } from './router.ts';
import { loadedView } from './view-loader.ts';

/** Names the page after its view, and on navigation moves the focus and the scroll position to the view's heading. */
export function useViewTitle(): void {
  const t = localized({ en, ko });
  const { view } = route.value;
  const ready = loadedView(view) !== undefined;
  const shown = useRef<string>(undefined);
  useEffect(() => {
    document.title = `${t.titles[view]} – facenet-web`;
  }, [t, view]);
  useEffect(() => {
    if (!ready) return;
    const isNavigation = shown.current !== undefined && shown.current !== view;
    shown.current = view;
    if (!isNavigation) return;
    scrollTo(0, 0);
    const heading = document.getElementById('view-title');
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }, [view, ready]);
}
