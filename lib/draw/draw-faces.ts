import { checkedOptions, type OptionNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Box, Landmarks, Point } from '../core/types.ts';
import { anchor } from '../landmarks/schemes.ts';
import { drawBox, drawLabel, drawLines, drawPoints, type Pen } from './marks.ts';
import { outlines } from './outlines.ts';
import type { PictureMapping } from './picture-mapping.ts';
import { type DrawTheme, defaultTheme } from './theme.ts';

/** A face to draw. Those of `detect`, `landmarks`, `embed` and `watch` satisfy it. */
export interface DrawableFace {
  /** The box, in pixels of the picture. */
  box: Box;
  /** The landmarks, in pixels of the picture. */
  landmarks?: Landmarks;
  /** The text beside the box. Default: the person's name and the probability, of a face that `watch` identified. */
  label?: string | undefined;
  /** Whether to draw the face in the colour `emphasis`. Default: whether `watch` identified it. */
  emphasised?: boolean;
  /** The identity that `watch` gives a face. */
  identity?: { status: string; person?: { name: string }; probability?: number };
}

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

/** The context of a canvas. */
type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

const optionNames: OptionNames<DrawOptions> = {
  ...{ shape: true, landmarks: true, theme: true, mapping: true, scale: true },
};

/**
 * Draws faces on a canvas: boxes, landmarks and labels. Does not clear it.
 *
 * @param canvas a canvas, or its 2D context, whose transformation is kept.
 * @param faces the faces, in pixels of the picture.
 * @param options shape, landmarks, theme, and where the picture is on the canvas.
 * @throws {FaceNetError} `option-invalid` for an unknown option, or if the canvas has another context.
 *
 * @example
 * const canvas = document.createElement('canvas');
 * drawFaces(canvas, faces, { landmarks: 'mesh', theme: { line: 'gold' } });
 */
export function drawFaces(
  canvas: HTMLCanvasElement | OffscreenCanvas | Context,
  faces: readonly DrawableFace[],
  options: DrawOptions = {},
): void {
  const context = contextOf(canvas);
  const {
    shape = 'corners',
    landmarks = 'none',
    theme,
    mapping = samePixels,
    scale,
  } = checkedOptions<DrawOptions>(options, optionNames);
  const all = { ...defaultTheme, ...theme };
  const unit = scale ?? Math.max(1, context.canvas.width / 900);
  context.save();
  for (const face of faces) {
    const emphasised = face.emphasised ?? face.identity?.status === 'known';
    const pen: Pen = { context, theme: all, unit, colour: emphasised ? all.emphasis : all.line };
    const box = mapping.boxToElement(face.box);
    if (face.landmarks && landmarks !== 'none') drawLandmarks(pen, face.landmarks, box, landmarks, mapping);
    if (shape !== 'none') drawBox(pen, box, { whole: shape === 'box', wide: emphasised });
    const label = 'label' in face ? face.label : identityLabel(face.identity);
    if (label) drawLabel(pen, box, label);
  }
  context.restore();
}

const samePixels: Pick<PictureMapping, 'toElement' | 'boxToElement'> = {
  toElement: (point) => point,
  boxToElement: (box) => box,
};

function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas | Context): Context {
  const context = 'getContext' in canvas ? (canvas.getContext('2d') as Context | null) : canvas;
  if (context && 'fillText' in context) return context;
  throw new FaceNetError('option-invalid', 'The canvas has no 2D context: pass a canvas without another context.');
}

/** The name and the probability of an identified face. */
function identityLabel(identity: DrawableFace['identity']): string | undefined {
  if (identity?.status !== 'known' || !identity.person) return undefined;
  const { probability } = identity;
  return probability === undefined
    ? identity.person.name
    : `${identity.person.name} ${Math.floor(100 * probability)} %`;
}

function drawLandmarks(
  pen: Pen,
  landmarks: Landmarks,
  box: Box,
  kind: 'five' | 'points' | 'mesh',
  { toElement }: Pick<PictureMapping, 'toElement'>,
): void {
  if (kind === 'five') {
    const points = (['rightEye', 'leftEye', 'noseTip', 'rightMouthCorner', 'leftMouthCorner'] as const).map((name) =>
      toElement(anchor(landmarks, name)),
    );
    drawPoints(pen, points, Math.max(1.5 * pen.unit, box.width * 0.012));
    return;
  }
  const points = landmarks.points.map(toElement);
  if (kind === 'mesh') {
    for (const outline of outlines[landmarks.scheme]) {
      drawLines(
        pen,
        outline.points.map((index) => points[index] as Point),
        outline.closed,
      );
    }
  }
  drawPoints(pen, points, Math.max(0.6 * pen.unit, box.width * (points.length > 100 ? 0.004 : 0.008)));
}
