import { describe, expect, test } from 'vitest';
import { type DrawOptions, defaultTheme, drawFaces } from '../../../lib/draw/index.ts';

const canvas = {
  getContext: () => ({ fillText() {}, save() {}, restore() {}, canvas: { width: 100 } }),
} as unknown as OffscreenCanvas;
const messageOf = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

describe('the options of a drawing', () => {
  test.each([
    ['shape', 'circle', 'use "corners", "box", "none"'],
    ['shape', null, 'use "corners", "box", "none"'],
    ['landmarks', 'all', 'use "none", "five", "points", "mesh"'],
    ['landmarks', true, 'use "none", "five", "points", "mesh"'],
    ['theme', 'dark', 'pass an object'],
    ['theme', { color: 'red' }, 'its names are "line", "emphasis"'],
    ['theme', { lineWidths: 2 }, 'did you mean "lineWidth"?'],
    ['theme', { line: 0xffffff }, 'use a string'],
    ['theme', { lineWidth: '2px' }, 'use a number'],
    ['theme', { line: undefined }, 'use a string'],
    ['mapping', {}, 'pictureMapping()'],
    ['mapping', null, 'pictureMapping()'],
    ['mapping', { toElement: () => {} }, 'pictureMapping()'],
    ['mapping', { boxToElement: () => {} }, 'pictureMapping()'],
    ['scale', 0, 'above 0'],
    ['scale', Number.NaN, 'above 0'],
  ])('refuse %s: %j', (name, value, advice) => {
    const options = { [name]: value } as DrawOptions;
    const call = () => drawFaces(canvas, [], options);
    expect(call).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    expect(messageOf(call)).toContain(advice);
  });

  test('allow every documented value', () => {
    for (const shape of ['corners', 'box', 'none', undefined] as const) {
      for (const landmarks of ['none', 'five', 'points', 'mesh', undefined] as const) {
        drawFaces(canvas, [], {
          ...(shape && { shape }),
          ...(landmarks && { landmarks }),
          theme: defaultTheme,
          scale: 2,
        });
      }
    }
  });
});
