import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** For a row that scrolls sideways where there is no room: keeps the one in it that is chosen in sight, as the row's size changes too. */
export function useChosenShown<Row extends HTMLElement>(chosen: unknown): RefObject<Row | null> {
  const row = useRef<Row>(null);
  useLayoutEffect(() => {
    const { current } = row;
    if (!current) return;
    const observer = new ResizeObserver(() => {
      const one = current.querySelector('[aria-current], [aria-pressed="true"]');
      if (one) current.scrollLeft += middleOf(one) - middleOf(current);
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [chosen]);
  return row;
}

function middleOf(element: Element): number {
  const { left, width } = element.getBoundingClientRect();
  return left + width / 2;
}
