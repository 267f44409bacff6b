import { checkedNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import { nearestName } from '../core/option-names.ts';
import type { PictureMapping } from './picture-mapping.ts';
import { type DrawTheme, defaultTheme } from './theme.ts';

/** Options of {@link drawFaces}. */
export interface DrawOptions {
  /** What is drawn at the place of the face: its `corners`, the whole `box` or nothing. @default 'corners' */
  shape?: 'corners' | 'box' | 'none';
  /**
   * The landmarks to draw: `none`; the `five` centres of the eyes, tip of the nose and corners of the mouth; all `points`; or the `mesh`,
   * all points with the outlines of the face and its parts.
   *
   * @default 'none'
   */
  landmarks?: 'none' | 'five' | 'points' | 'mesh';
  /** Colours and sizes that differ from {@link defaultTheme}. */
  theme?: Partial<DrawTheme>;
  /** Where the pixels of the picture are on the canvas. Default: the canvas has the pixels of the picture. */
  mapping?: Pick<PictureMapping, 'toElement' | 'boxToElement'>;
  /** The number of canvas pixels in a CSS pixel, which scales lines and text. Default: a 900th of the canvas's width, at least 1. */
  scale?: number;
}

const choices = {
  shape: ['corners', 'box', 'none'],
  landmarks: ['none', 'five', 'points', 'mesh'],
} as const;

/**
 * Validates the options of a drawing, their values included.
 *
 * @returns the options.
 * @throws {FaceNetError} `option-invalid`.
 */
export function checkedDrawing(options: DrawOptions): DrawOptions {
  const { theme, mapping, scale } = checkedNames(options, {
    ...{ shape: true, landmarks: true, theme: true, mapping: true, scale: true },
  });
  for (const name of ['shape', 'landmarks'] as const) {
    const value = options[name];
    if (value !== undefined && !(choices[name] as readonly string[]).includes(value)) {
      throw invalid(`${name} is "${value}": use "${choices[name].join('", "')}".`);
    }
  }
  if (theme !== undefined) checkTheme(theme);
  if (mapping !== undefined && !isMapping(mapping)) {
    throw invalid('mapping has no toElement() and boxToElement(): pass what pictureMapping() returned.');
  }
  if (scale !== undefined && !(scale > 0)) throw invalid(`scale is ${scale}: use a number above 0.`);
  return options;
}

function isMapping(value: Partial<PictureMapping> | null): boolean {
  return typeof value?.toElement === 'function' && typeof value.boxToElement === 'function';
}

function checkTheme(theme: Partial<DrawTheme>): void {
  if (typeof theme !== 'object' || theme === null) throw invalid(`theme is ${theme}: pass an object.`);
  const known: Record<string, unknown> = { ...defaultTheme };
  for (const [name, value] of Object.entries(theme)) {
    if (!Object.hasOwn(known, name)) {
      const nearest = nearestName(name, Object.keys(known));
      const advice = nearest ? `did you mean "${nearest}"?` : `its names are "${Object.keys(known).join('", "')}".`;
      throw invalid(`The theme has no "${name}": ${advice}`);
    }
    const type = typeof known[name];
    if (typeof value !== type) throw invalid(`theme.${name} is ${value}: use a ${type}.`);
  }
}

function invalid(message: string): FaceNetError {
  return new FaceNetError('option-invalid', message);
}
