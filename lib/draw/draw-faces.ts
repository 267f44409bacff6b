import { FaceNetError } from '../core/errors.ts';
import type { Box, Landmarks, Point } from '../core/types.ts';
import { anchor } from '../landmarks/schemes.ts';
import { checkedDrawing, type DrawOptions } from './draw-options.ts';
import { drawBox, drawLabel, drawLines, drawPoints, type Pen } from './marks.ts';
import { outlines } from './outlines.ts';
import type { PictureMapping } from './picture-mapping.ts';
import { defaultTheme } from './theme.ts';

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

/** The context of a canvas. */
type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/**
 * Draws faces on a canvas: boxes, landmarks and labels. Does not clear it.
 *
 * @param canvas a canvas, or its 2D context, whose transformation is kept.
 * @param faces the faces, in pixels of the picture.
 * @param options shape, landmarks, theme, and where the picture is on the canvas.
 * @throws {FaceNetError} `option-invalid` for an unknown option or value, or if the canvas has another context.
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
  const { shape = 'corners', landmarks = 'none', theme, mapping = samePixels, scale } = checkedDrawing(options);
  const context = contextOf(canvas);
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
