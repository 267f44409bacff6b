import type { Translation } from '../../app/language.ts';

export const en = {
  title: 'Compare',
};

export const ko: Translation<typeof en> = {
  title: '비교',
};
