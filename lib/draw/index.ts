/** facenet-web/draw: draws faces on a canvas, or over an image or a video of the page. */

export { type DrawableFace, drawFaces } from './draw-faces.ts';
export type { DrawOptions } from './draw-options.ts';
export { FaceOverlay, type OverlayOptions } from './face-overlay.ts';
export { type MappingOptions, type PictureElement, type PictureMapping, pictureMapping } from './picture-mapping.ts';
export { type DrawTheme, defaultTheme } from './theme.ts';
