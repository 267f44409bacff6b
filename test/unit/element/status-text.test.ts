import { describe, expect, test } from 'vitest';
import type { Quality } from '../../../lib/core/types.ts';
import { statusText } from '../../../lib/element/status-text.ts';
import { english, korean } from '../../../lib/element/texts.ts';
import { adviceTexts, type QualityAdvice } from '../../../lib/quality/advice.ts';
import { assessQuality } from '../../../lib/quality/quality.ts';
import { drawnFace } from '../../support/drawn-face.ts';

const good = assessQuality(drawnFace());
const dark = assessQuality(drawnFace({ light: () => 0.1 }));

describe('the status line', () => {
  test.each<[string, { label: string; quality: Quality | undefined }[], string]>([
    ['no face', [], 'no faces'],
    ['one good face', [{ label: '', quality: good }], '1 face'],
    ['one face that was not embedded', [{ label: '', quality: undefined }], '1 face'],
    ['one poor face', [{ label: '', quality: dark }], '1 face. Turn on a light: your face is dark.'],
    ['one poor face that was identified', [{ label: 'Ada', quality: dark }], '1 face: Ada'],
    ['several poor faces', [dark, dark].map((quality) => ({ label: '', quality })), '2 faces'],
  ])('describes %s', (_, faces, text) => {
    expect(statusText(faces, english)).toBe(text);
  });

  test('is Korean with the Korean texts', () => {
    expect(statusText([{ label: '', quality: dark }], korean)).toBe('얼굴 1개. 불을 켜세요.');
    expect(statusText([], korean)).toBe('얼굴 없음');
  });

  test('has Korean advice for every code', () => {
    for (const code of Object.keys(adviceTexts) as QualityAdvice['code'][]) {
      expect(korean.advice({ component: 'sharpness', code, text: 'English' }), code).toMatch(/[가-힣]/);
    }
  });
});
