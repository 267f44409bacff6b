import { effect } from '@preact/signals';
import { setting } from './settings.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The theme that was chosen; `system` follows the device. */
export const theme = setting<Theme>('theme', 'system', (value) => themes.some((name) => name === value));

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'system') delete dataset.theme;
  else dataset.theme = theme.value;
});
