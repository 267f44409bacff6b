import { describe, expect, test } from 'vitest';
import { checkCropFormat } from '../../../lib/alignment/check-crop-format.ts';
import type { CropFormat } from '../../../lib/alignment/crop-format.ts';
import { templateNames } from '../../../lib/alignment/templates.ts';
import type { TemplateName } from '../../../lib/core/types.ts';

/** A valid value of each option that only some templates use, and the templates that use it. */
const options = [
  ['height', 90, ['face-aligner', 'box']],
  ['padding', 0.4, ['dlib', 'dlib-chip']],
  ['leftEye', [0.3, 0.35], ['face-aligner']],
] as const satisfies [keyof CropFormat, unknown, TemplateName[]][];

describe('checkCropFormat', () => {
  test.each(templateNames.map((template) => [template]))('accepts the template %s with a size alone', (template) => {
    expect(() => checkCropFormat({ template, size: 112 })).not.toThrow();
  });

  for (const [option, value, templates] of options) {
    test.each(templateNames.map((template) => [template]))(`takes ${option} only where %s uses it`, (template) => {
      const check = () => checkCropFormat({ template, size: 112, [option]: value });
      if ((templates as readonly string[]).includes(template)) expect(check).not.toThrow();
      else {
        expect(check).toThrow(
          expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining(option) }),
        );
      }
    });
  }

  test.each<[string, Partial<CropFormat>]>([
    ['an unknown template', { template: 'toString' as TemplateName }],
    ['a size of 0', { size: 0 }],
    ['a size above 4096', { size: 4097 }],
    ['a broken height', { template: 'box', height: 10.5 }],
    ['a negative padding', { padding: -0.1 }],
    ['a padding above 2', { padding: 2.1 }],
    ['a padding of NaN', { padding: Number.NaN }],
    ['an eye beyond the middle', { template: 'face-aligner', leftEye: [0.5, 0.35] }],
    ['an eye of one number', { template: 'face-aligner', leftEye: 0.35 as never }],
    ['an eye without a height', { template: 'face-aligner', leftEye: [0.35] as never }],
  ])('refuses %s', (_, format) => {
    expect(() => checkCropFormat({ template: 'dlib', size: 112, ...format })).toThrow(
      expect.objectContaining({ code: 'option-invalid' }),
    );
  });
});
