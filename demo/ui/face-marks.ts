import type { Box, Landmarks } from 'facenet-web';
import { type DrawOptions, type DrawTheme, drawFaces } from 'facenet-web/draw';

/** The emphasis of a mark: `accent` for a selected or recognised face. */
export type Tone = 'plain' | 'accent';

/** How the demo draws faces. */
export const theme: Partial<DrawTheme> = {
  font: '"Schibsted Grotesk Variable", "Noto Sans KR", "Noto Sans CJK KR", system-ui, sans-serif',
};

/** A face to draw: its box, optionally with landmarks and a label. */
export interface FaceMark {
  box: Box;
  tone: Tone;
  landmarks?: Landmarks | undefined;
  /** Text beside the box, such as a name. */
  label?: string | undefined;
}

/** Draws marks onto a canvas that covers an image of this width exactly. Resizes and clears the canvas first. */
export function drawFaceMarks(
  canvas: HTMLCanvasElement,
  { width }: { width: number },
  marks: readonly FaceMark[],
  landmarks: NonNullable<DrawOptions['landmarks']> = 'points',
): void {
  const context = resizedContext(canvas);
  if (!context || width === 0) return;
  // One scale for both directions: the canvas has the image's aspect ratio.
  const scale = canvas.width / width;
  const mapping = {
    toElement: ({ x, y }: { x: number; y: number }) => ({ x: x * scale, y: y * scale }),
    boxToElement: (box: Box) => ({
      ...{ x: box.x * scale, y: box.y * scale },
      ...{ width: box.width * scale, height: box.height * scale },
    }),
  };
  const faces = marks.map(({ tone, landmarks: points, ...mark }) => ({
    ...mark,
    ...(points && { landmarks: points }),
    emphasised: tone === 'accent',
  }));
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
