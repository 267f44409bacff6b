import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { ViewName } from './router.ts';

/** The views' modules. Each is downloaded when its view is first shown. */
const imports: Record<ViewName, () => Promise<{ View: ComponentType }>> = {
  live: () => import('../views/live/View.tsx'),
  photos: () => import('../views/photos/View.tsx'),
  compare: () => import('../views/compare/View.tsx'),
  gallery: () => import('../views/gallery/View.tsx'),
  lab: () => import('../views/lab/View.tsx'),
};

const loaded = signal<Partial<Record<ViewName, ComponentType | 'failed'>>>({});
const loading = new Set<ViewName>();

/**
 * A view's component, or `failed`. Undefined while its module loads. A component that calls this renders again once the
 * module is loaded.
 */
export function loadedView(name: ViewName): ComponentType | 'failed' | undefined {
  const view = loaded.value[name];
  if (!view) void load(name);
  return view;
}

async function load(name: ViewName): Promise<void> {
  if (loading.has(name)) return;
  loading.add(name);
  const View = await imports[name]().then(
    (module) => module.View,
    () => 'failed' as const,
  );
  loaded.value = { ...loaded.peek(), [name]: View };
  loading.delete(name);
}
