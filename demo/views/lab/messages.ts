import type { Translation } from '../../app/language.ts';

export const en = {
  title: 'Lab',
};

export const ko: Translation<typeof en> = {
  title: '실험실',
};
