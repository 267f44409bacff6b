import { FaceNetError } from '../core/errors.ts';
import type { TemplateName } from '../core/types.ts';
import type { CropFormat } from './crop-format.ts';
import { templateNames } from './templates.ts';

/** The templates that use an option that not all of them use. */
const templatesWith: Readonly<Record<'height' | 'padding' | 'leftEye', readonly TemplateName[]>> = {
  height: ['face-aligner', 'box'],
  padding: ['dlib', 'dlib-chip'],
  leftEye: ['face-aligner'],
};

/**
 * Checks what a caller chose for a crop. An option that its template does not use is refused, not ignored.
 *
 * @throws {FaceNetError} `option-invalid`.
 */
export function checkCropFormat(format: Omit<CropFormat, 'zoom'>): void {
  const { template, size, height = size, padding = 0, leftEye = [0, 0] } = format;
  if (!templateNames.includes(template)) {
    throw new FaceNetError('option-invalid', `template is "${template}": use "${templateNames.join('", "')}".`);
  }
  for (const [name, side] of Object.entries({ size, height })) {
    if (Number.isInteger(side) && side >= 1 && side <= 4096) continue;
    throw new FaceNetError('option-invalid', `${name} is ${side}: use a whole number of pixels from 1 to 4096.`);
  }
  for (const [name, templates] of Object.entries(templatesWith)) {
    if (format[name as keyof typeof templatesWith] === undefined || templates.includes(template)) continue;
    const advice = `leave it out, or use the template "${templates.join('" or "')}"`;
    throw new FaceNetError('option-invalid', `The template "${template}" does not use ${name}: ${advice}.`);
  }
  if (!(padding >= 0 && padding <= 2)) {
    throw new FaceNetError('option-invalid', `padding is ${padding}: use a number from 0 to 2.`);
  }
  const [x = Number.NaN, y = Number.NaN] = Array.isArray(leftEye) ? leftEye : [];
  if (!(x >= 0 && x <= 0.49 && y >= 0 && y <= 1)) {
    throw new FaceNetError('option-invalid', `leftEye is [${leftEye}]: use shares of the crop, such as [0.35, 0.35].`);
  }
}
