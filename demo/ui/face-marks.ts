import type { Box, Point } from 'facenet-web';
import { type DrawableFace, type DrawOptions, type DrawTheme, drawFaces } from 'facenet-web/draw';

/** How the demo draws faces. */
export const theme: Partial<DrawTheme> = {
  font: '"Schibsted Grotesk Variable", "Noto Sans KR", "Noto Sans CJK KR", system-ui, sans-serif',
};

/**
 * Draws the faces of a photo onto a canvas that covers a smaller copy of the photo exactly. Resizes and clears the canvas first.
 *
 * @param photo the photo that the faces are in pixels of.
 */
export function drawFaceMarks(
  canvas: HTMLCanvasElement,
  photo: { width: number },
  faces: readonly DrawableFace[],
  landmarks: NonNullable<DrawOptions['landmarks']> = 'points',
): void {
  const context = resizedContext(canvas);
  if (!context || photo.width === 0) return;
  // One scale for both directions: the canvas has the photo's aspect ratio.
  const scale = canvas.width / photo.width;
  const mapping = {
    toElement: ({ x, y }: Point) => ({ x: x * scale, y: y * scale }),
    boxToElement: (box: Box) => ({
      ...{ x: box.x * scale, y: box.y * scale },
      ...{ width: box.width * scale, height: box.height * scale },
    }),
  };
  const unit = devicePixelRatio * Math.max(1, canvas.clientWidth / 900);
  drawFaces(context, faces, { landmarks, mapping, theme, scale: unit });
}

/** Resizes a canvas to its size on the screen in device pixels and clears it. Undefined while it is not displayed. */
function resizedContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D | undefined {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (!width || !height) return undefined;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d') ?? undefined;
  context?.clearRect(0, 0, width, height);
  return context;
}
