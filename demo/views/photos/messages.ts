import type { Translation } from '../../app/language.ts';

export const en = {
  title: 'Photos',
};

export const ko: Translation<typeof en> = {
  title: '사진',
};
