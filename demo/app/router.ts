import { computed, signal } from '@preact/signals';

/** The views, in the order of the navigation. */
export const viewNames = ['live', 'photos', 'compare', 'gallery', 'lab'] as const;

/** A name of {@link viewNames}. */
export type ViewName = (typeof viewNames)[number];

/** A parsed URL fragment, such as `#/compare?far=10000`. */
export interface Route {
  view: ViewName;
  parameters: URLSearchParams;
}

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** The current route. An unknown view name selects `live`. */
export const route = computed<Route>(() => {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?');
  const view = viewNames.find((name) => name === path) ?? 'live';
  return { view, parameters: new URLSearchParams(query) };
});

/** The URL fragment of a view, for links. */
export function hrefOf(view: ViewName, parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${query && `?${query}`}`;
}

/** Replaces the parameters in the URL, so that it can be shared. Adds no history entry. */
export function setParameters(parameters: Record<string, string>): void {
  history.replaceState(null, '', hrefOf(route.peek().view, parameters));
  hash.value = location.hash;
}
