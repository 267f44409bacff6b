import type { Translation } from '../../app/language.ts';

/** The English texts of the view of the remembered people. */
export const en = {
  title: 'Remembered people',
  lead: 'Names and pictures are stored on this device only. Here you can change, export and delete them.',
  opening: 'Loading the remembered people…',
  failed: 'The remembered people could not be loaded',
  damaged: 'Some of the stored data is damaged. You can keep the rest, or erase everything.',
  repair: 'Keep what is not damaged',
  repairing: 'Repairing…',
  repaired: (records: number) =>
    records === 1
      ? 'The remembered people are loaded. 1 damaged record was set aside.'
      : `The remembered people are loaded. ${records} damaged records were set aside.`,
  repairFailed: 'Nothing can be kept. Erase everything, and import a file if you have exported one.',
  nobody: 'Nobody is remembered yet',
  nobodyText: 'Remember people in Live or in Photos, or import a file.',
  notStored:
    'This browser stores nothing for this page. This is normal in private windows. People are forgotten when you close the page.',
  storageFull: 'The browser’s storage is full. People are forgotten when you close the page.',
  pictures: (count: number) => (count === 1 ? '1 picture' : `${count} pictures`),
  consentOf: (date: string, purpose: string) => `Consent of ${date}. ${purpose}`,
  picture: (number: number) => `Picture ${number}`,
  quality: (percent: string) => `quality ${percent}`,
  removePicture: 'Delete this picture',
  removePictureQuestion: { title: 'Delete this picture?', text: 'You cannot undo this.', confirmLabel: 'Delete' },
  transfer: 'Export and import',
  transferText: 'A file with all names, pictures and numbers, for another device or as a backup.',
  filePassphrase: 'Passphrase of the file (leave empty for no encryption)',
  export: 'Export to a file',
  import: 'Import a file',
  exportedEncrypted: 'Exported. The file opens with the passphrase only.',
  exportedPlain: 'Exported without encryption. Anyone who has the file can read it.',
  imported: (people: number, faces: number) =>
    faces === 0
      ? 'This file has no new faces.'
      : `Imported ${people === 1 ? '1 person' : `${people} people`} with ${faces === 1 ? '1 picture' : `${faces} pictures`}.`,
  wrongPassphrase: 'The passphrase is wrong.',
  passphrase: 'Passphrase',
  passphraseText:
    'Encrypts the remembered people, but not the photo library. Nobody can read them without the passphrase, which cannot be recovered.',
  newPassphrase: 'New passphrase, at least 8 characters',
  protect: 'Set the passphrase',
  protected: 'The remembered people are encrypted. You need the passphrase the next time you open this page.',
  protectedText: 'The remembered people are encrypted. The photo library is not.',
  lock: 'Lock now',
  locked: 'The remembered people are locked',
  unlock: 'Unlock',
};

/** The Korean texts of the view of the remembered people. `\u2060` keeps a particle on the line of its quoted word. */
export const ko: Translation<typeof en> = {
  title: '기억한 사람',
  lead: '이름과 사진은 이\u00a0기기에만 저장됩니다. 여기서 바꾸고, 내보내고, 삭제할 수 있습니다.',
  opening: '기억한 사람을 불러오는 중…',
  failed: '기억한 사람을 불러오지 못했습니다',
  damaged: '저장된 데이터 일부가 손상되었습니다. 나머지만 유지하거나 모두 지울 수 있습니다.',
  repair: '손상되지 않은 데이터 유지',
  repairing: '복구하는 중…',
  repaired: (records) => `기억한 사람을 불러왔습니다. 손상된 기록 ${records}개를 따로 분리했습니다.`,
  repairFailed: '유지할 수 있는 데이터가 없습니다. 모두 지우고, 내보낸 파일이 있으면 가져오세요.',
  nobody: '아직 기억한 사람이 없습니다',
  nobodyText: '‘실시간’\u2060이나 ‘사진’\u2060에서 사람을 기억하거나 파일을 가져오세요.',
  notStored:
    '이 브라우저는 이 페이지의 데이터를 저장하지 않습니다. 비공개 창에서는 정상입니다. 페이지를 닫으면 기억한 사람이 지워집니다.',
  storageFull: '브라우저의 저장 공간이 가득 찼습니다. 페이지를 닫으면 기억한 사람이 지워집니다.',
  pictures: (count) => `사진 ${count}장`,
  consentOf: (date, purpose) => `${date}에 동의함. ${purpose}`,
  picture: (number) => `사진 ${number}`,
  quality: (percent) => `품질 ${percent}`,
  removePicture: '이 사진 삭제',
  removePictureQuestion: {
    title: '이 사진을 삭제할까요?',
    text: '이 작업은 되돌릴 수 없습니다.',
    confirmLabel: '삭제',
  },
  transfer: '내보내기와 가져오기',
  transferText: '모든 이름, 사진, 숫자가 든 파일입니다. 다른 기기로 옮기거나 백업할 때 사용하세요.',
  filePassphrase: '파일 암호(비워 두면 암호화하지 않음)',
  export: '파일로 내보내기',
  import: '파일 가져오기',
  exportedEncrypted: '내보냈습니다. 파일은 암호로만 열 수 있습니다.',
  exportedPlain: '암호화하지 않고 내보냈습니다. 파일이 있으면 누구나 읽을 수 있습니다.',
  imported: (people, faces) =>
    faces === 0 ? '이 파일에 새로운 얼굴이 없습니다.' : `${people}명의 사진 ${faces}장을 가져왔습니다.`,
  wrongPassphrase: '암호가 틀렸습니다.',
  passphrase: '암호',
  passphraseText:
    '기억한 사람을 암호화합니다. 사진 보관함은 암호화하지 않습니다. 암호가 없으면 아무도 읽을 수 없고, 암호를 되찾을 수도 없습니다.',
  newPassphrase: '새 암호(8자 이상)',
  protect: '암호 설정',
  protected: '기억한 사람을 암호화했습니다. 다음에 이 페이지를 열 때 암호가 필요합니다.',
  protectedText: '기억한 사람이 암호화되어 있습니다. 사진 보관함은 암호화되어 있지 않습니다.',
  lock: '지금 잠그기',
  locked: '기억한 사람이 잠겨 있습니다',
  unlock: '잠금 해제',
};
