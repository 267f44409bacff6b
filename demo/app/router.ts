import { computed, signal } from '@preact/signals';

/** The views, in the order of the navigation. */
export const viewNames = ['live', 'photos', 'compare', 'lab'] as const;
export type ViewName = (typeof viewNames)[number];

/** Where the page is: a view and what its address tells it, as in `#/compare?far=10000`. */
export interface Route {
  view: ViewName;
  parameters: URLSearchParams;
}

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** The route of the address in use; an unknown one is the first view's. */
export const route = computed<Route>(() => {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?');
  const view = viewNames.find((name) => name === path) ?? 'live';
  return { view, parameters: new URLSearchParams(query) };
});

/** The address of a view, for links. */
export function addressOf(view: ViewName, parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${query && `?${query}`}`;
}

/** Writes the view's state into the address, so that it can be shared, without a new entry in the history. */
export function setParameters(parameters: Record<string, string>): void {
  history.replaceState(null, '', addressOf(route.peek().view, parameters));
  hash.value = location.hash;
}
