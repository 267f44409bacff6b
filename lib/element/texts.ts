import type { QualityAdvice } from '../index.ts';

/** The texts of a {@link FaceNetElement}. */
export interface ElementTexts {
  /** The button while the camera is off. */
  start: string;
  /** The button while the camera is on. */
  stop: string;
  /** The status while the models are loaded. */
  loading: string;
  /** The status after the camera was unplugged or its permission was revoked. */
  cameraStopped: string;
  /** The status while the camera sends no picture: it is muted by the system or the browser, or silent. */
  noPicture: string;
  /** The accessible name of the camera's video. */
  camera: string;
  /** The number of faces. */
  faces: (count: number) => string;
  /** What would improve the picture of a face. */
  advice: (advice: QualityAdvice) => string;
}

/** The English texts. */
export const english: ElementTexts = {
  start: 'Start the camera',
  stop: 'Stop the camera',
  loading: 'Loading…',
  cameraStopped: 'The camera stopped. Check that it is plugged in and allowed, then start it again.',
  noPicture: 'The camera sends no picture. Check that no switch, system setting or other app blocks it.',
  camera: 'Your camera',
  faces: (count) => (count === 1 ? '1 face' : `${count || 'no'} faces`),
  advice: ({ text }) => text,
};

const koreanAdvice: Partial<Record<QualityAdvice['code'], string>> = {
  'move-to-middle': '화면 가운데로 오세요.',
  'move-closer': '더 가까이 오세요.',
  'move-back': '조금 뒤로 가세요.',
  'more-light': '불을 켜세요.',
  'less-light': '조명을 낮추세요.',
  'light-left-side': '얼굴 왼쪽을 밝은 쪽으로 돌리세요.',
  'light-right-side': '얼굴 오른쪽을 밝은 쪽으로 돌리세요.',
  'more-contrast': '렌즈를 닦거나 조명을 바꾸세요.',
  'natural-colour': '흰색 조명을 쓰고 필터를 끄세요.',
  'look-straight': '정면을 보세요.',
  'head-upright': '고개를 똑바로 세우세요.',
  'hold-still': '움직이지 마세요.',
  'less-compression': '더 좋은 카메라를 사용하세요.',
  'uncover-eyes': '선글라스를 벗으세요.',
  'uncover-mouth': '입과 코를 가리지 마세요.',
  'open-eyes': '눈을 뜨세요.',
  'close-mouth': '입을 다무세요.',
};

/** The Korean texts. */
export const korean: ElementTexts = {
  start: '카메라 켜기',
  stop: '카메라 끄기',
  loading: '불러오는 중…',
  cameraStopped: '카메라가 꺼졌습니다. 연결과 권한을 확인한 뒤 다시 켜세요.',
  noPicture: '카메라에서 영상이 오지 않습니다. 차단 스위치, 시스템 설정, 다른 앱을 확인하세요.',
  camera: '내 카메라',
  faces: (count) => (count === 0 ? '얼굴 없음' : `얼굴 ${count}개`),
  advice: ({ code, text }) => koreanAdvice[code] ?? text,
};

/** The texts for the language of an element, which is the nearest attribute `lang`: Korean for `ko`, otherwise English. */
export function textsFor(element: Element): ElementTexts {
  const { lang = '' } = element.closest<HTMLElement>('[lang]') ?? {};
  return /^ko\b/i.test(lang) ? korean : english;
}
