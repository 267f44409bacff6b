import { withParticle } from './korean-particles.ts';
import type { Translation } from './language.ts';

/** The English texts of {@link PersonTools}. */
export const en = {
  name: 'Name',
  rename: 'Rename',
  renameTitle: (name: string) => `Rename ${name}`,
  renameText: 'Only the name changes. The pictures are kept.',
  renamed: (name: string) => `Renamed to ${name}.`,
  undo: 'Undo',
  remove: 'Delete',
  removeTitle: (name: string) => `Delete ${name}`,
  removeText: 'The name, all pictures and their numbers are deleted from this device. You cannot undo this.',
  removed: (name: string) => `${name} was deleted.`,
};

/** The Korean texts of {@link PersonTools}. */
export const ko: Translation<typeof en> = {
  name: '이름',
  rename: '이름 바꾸기',
  renameTitle: (name) => `${name} 이름 바꾸기`,
  renameText: '이름만 바뀌고 사진은 그대로 유지됩니다.',
  renamed: (name) => `이름을 ${withParticle(name, '으로/로')} 바꿨습니다.`,
  undo: '실행 취소',
  remove: '삭제',
  removeTitle: (name) => `${name} 삭제`,
  removeText: '이름, 모든 사진, 숫자를 이\u00a0기기에서 삭제합니다. 이 작업은 되돌릴 수 없습니다.',
  removed: (name) => `${name} 님을 삭제했습니다.`,
};
