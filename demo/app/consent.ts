import type { Consent } from 'facenet-web/gallery';
import { localized } from './language.ts';

/** The version of the texts. It changes with them. */
const version = '1';

const en = {
  purpose: 'To recognise this person in pictures on this device.',
  text: 'Only with the person’s consent. Stored on this device only. You can delete it at any time.',
};

const ko = {
  purpose: '이 기기의 사진과 영상에서 이 사람을 알아보기 위해 저장합니다.',
  text: '당사자가 동의한 경우에만 저장하세요. 이 기기에만 저장되며 언제든 지울 수 있습니다.',
};

/** The texts in the page's language that are shown before a face is saved. */
export function consentTexts(): { purpose: string; text: string } {
  return localized({ en, ko });
}

/** The consent to the texts that were shown, given now. */
export function consentNow(shown: { purpose: string; text: string }): Consent {
  return { ...shown, version, at: new Date() };
}
