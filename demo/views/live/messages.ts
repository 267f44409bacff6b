import type { Translation } from '../../app/language.ts';

export const en = {
  title: 'Live',
};

export const ko: Translation<typeof en> = {
  title: '실시간',
};
