import type { Translation } from './language.ts';

export const en = {
  skip: 'Skip to the content',
  views: 'Views',
  live: 'Live',
  photos: 'Photos',
  compare: 'Compare',
  lab: 'Lab',
  close: 'Close',
  cancel: 'Cancel',
};

export const ko: Translation<typeof en> = {
  skip: '본문으로 건너뛰기',
  views: '보기',
  live: '실시간',
  photos: '사진',
  compare: '비교',
  lab: '실험실',
  close: '닫기',
  cancel: '취소',
};
