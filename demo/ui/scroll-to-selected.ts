import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Keeps the selected element of a horizontally scrolling row centred, also when the row's size changes. The selected element
 * has `aria-current` or `aria-pressed="true"`.
 *
 * @param selected a value that changes with the selection.
 * @returns the ref for the row.
 */
export function useScrollToSelected<Row extends HTMLElement>(selected: unknown): RefObject<Row | null> {
  const ref = useRef<Row>(null);
  useLayoutEffect(() => {
    const row = ref.current;
    if (!row) return;
    const observer = new ResizeObserver(() => {
      const element = row.querySelector('[aria-current], [aria-pressed="true"]');
      if (element) row.scrollLeft += centreOf(element) - centreOf(row);
    });
    observer.observe(row);
    return () => observer.disconnect();
  }, [selected]);
  return ref;
}

function centreOf(element: Element): number {
  const { left, width } = element.getBoundingClientRect();
  return left + width / 2;
}
