import { effect } from '@preact/signals';
import { storedSignal } from './stored-signal.ts';

/** The themes to choose from. */
export const themes = ['system', 'light', 'dark'] as const;

/** A name of {@link themes}. */
export type Theme = (typeof themes)[number];

/** The chosen theme. `system` follows the device. */
export const theme = storedSignal<Theme>('theme', 'system', (value) => themes.some((name) => name === value));

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'system') delete dataset.theme;
  else dataset.theme = theme.value;
});
