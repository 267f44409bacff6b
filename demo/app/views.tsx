import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { ViewName } from './router.ts';

/** Where each view's code is; it is fetched when it is first shown. */
const sources: Record<ViewName, () => Promise<{ View: ComponentType }>> = {
  live: () => import('../views/live/View.tsx'),
  photos: () => import('../views/photos/View.tsx'),
  compare: () => import('../views/compare/View.tsx'),
  lab: () => import('../views/lab/View.tsx'),
};

const loaded = signal<Partial<Record<ViewName, ComponentType | 'failed'>>>({});
const underWay = new Set<ViewName>();

/** A view's component; undefined until its code is there, and drawn again then. */
export function viewOf(name: ViewName): ComponentType | 'failed' | undefined {
  const view = loaded.value[name];
  if (!view) void load(name);
  return view;
}

async function load(name: ViewName): Promise<void> {
  if (underWay.has(name)) return;
  underWay.add(name);
  const View = await sources[name]().then(
    (module) => module.View,
    () => 'failed' as const,
  );
  loaded.value = { ...loaded.peek(), [name]: View };
  underWay.delete(name);
}
