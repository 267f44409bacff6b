import type { QualityAdviceCode, QualityComponentName, QualityComponents } from '../core/quality-components.ts';
import { adviceLimits } from './advice-limits.ts';

/** What the person in the picture can do to improve it. */
export interface QualityAdvice {
  /** The component that would improve. */
  component: QualityComponentName;
  /** The stable code of the advice, for example to translate it. */
  code: QualityAdviceCode;
  /** The advice in English, addressed to the person in the picture. */
  text: string;
}

/** The text of each advice. */
export const adviceTexts: Readonly<Record<QualityAdviceCode, string>> = {
  'uncover-eyes': 'Uncover your eyes: take off sunglasses.',
  'uncover-mouth': 'Uncover your mouth and nose.',
  'move-closer': 'Move closer to the camera.',
  'move-back': 'Move back from the camera.',
  'move-to-middle': 'Move to the middle of the picture: your face is cut off.',
  'more-light': 'Turn on a light: your face is dark.',
  'less-light': 'Use softer light: your face is too bright.',
  'light-left-side': 'Turn towards the light: the left side of your face is dark.',
  'light-right-side': 'Turn towards the light: the right side of your face is dark.',
  'hold-still': 'Hold still: the picture is blurred.',
  'less-compression': 'Use a photo of higher quality: this one is strongly compressed.',
  'look-straight': 'Look straight into the camera.',
  'head-upright': 'Hold your head upright.',
  'open-eyes': 'Open your eyes.',
  'close-mouth': 'Close your mouth.',
  'more-contrast': 'Clean the lens or change the light: the picture has little contrast.',
  'natural-colour': 'Use white light and no filter: the colours are unnatural.',
};

/**
 * Lists what would improve a picture of a face, the worst component first. Several components with the same advice are listed once.
 *
 * @param quality the quality of a face. The result of `embed()` has it.
 * @returns an empty list if no component is below its limit.
 */
export function qualityAdvice({ components }: { components: QualityComponents }): QualityAdvice[] {
  const names = Object.keys(adviceLimits) as QualityComponentName[];
  const poor = names.flatMap((component) => {
    const { score = 100, advice: code } = components[component] ?? {};
    return code ? [{ component, code, severity: score / adviceLimits[component] }] : [];
  });
  poor.sort((a, b) => a.severity - b.severity);
  return poor
    .filter(({ code }, i) => poor.findIndex((other) => other.code === code) === i)
    .map(({ component, code }) => ({ component, code, text: adviceTexts[code] }));
}
