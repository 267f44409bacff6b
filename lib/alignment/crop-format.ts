import type { TemplateName } from '../core/types.ts';

/** The format of aligned crops. */
export interface CropFormat {
  readonly template: TemplateName;
  /** The side of a square crop; of one with a `height`, the width. In pixels. */
  readonly size: number;
  /** 1 keeps the template's margin; 1.1 covers a tenth more in each direction. */
  readonly zoom: number;
  /** The height in pixels, for the templates `face-aligner` and `box`. Default: `size`. */
  readonly height?: number | undefined;
  /** The margin about the face as a share of its size, for the templates `dlib` and `dlib-chip`. @default 0.25 */
  readonly padding?: number | undefined;
  /** The position of the eye on the left, as shares of the crop, for the template `face-aligner`. Default: 0.35, 0.35. */
  readonly leftEye?: readonly [x: number, y: number] | undefined;
}
