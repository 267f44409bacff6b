import { checkedNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Box, Point } from '../core/types.ts';
import { visibleArea } from './visible-area.ts';

/** An element that shows a picture. */
export type PictureElement = HTMLImageElement | HTMLVideoElement | HTMLCanvasElement;

/** Converts between pixels of a picture and CSS pixels of the element that shows it, from the top left corner of its content. */
export interface PictureMapping {
  /**
   * The position of a point of the picture in the element.
   *
   * @param point in pixels of the picture.
   */
  toElement(point: Point): Point;
  /**
   * The box of the element that shows a box of the picture.
   *
   * @param box in pixels of the picture.
   */
  boxToElement(box: Box): Box;
  /**
   * The point of the picture at a position in the element.
   *
   * @param point in CSS pixels, from the top left corner of the element's content.
   */
  toPicture(point: Point): Point;
}

/** Options of {@link pictureMapping}. */
export interface MappingOptions {
  /**
   * Whether the element shows the picture mirrored.
   *
   * @default whether its CSS `transform` or `scale` mirrors it
   */
  mirrored?: boolean;
}

/**
 * Maps the pixels of a picture to the element that shows it: with its `object-fit` and `object-position`, and mirrored like the element.
 * Holds for the element's present size.
 *
 * @param element a loaded image, a video with a frame, or a canvas.
 * @param options whether the picture is mirrored.
 * @returns the mapping.
 * @throws {FaceNetError} `option-invalid` for another element or option; `image-empty` while it has no picture.
 *
 * @example
 * const { boxToElement } = pictureMapping(video);
 * for (const { box } of faces) show(boxToElement(box));
 */
export function pictureMapping(element: PictureElement, options: MappingOptions = {}): PictureMapping {
  const { mirrored = isMirrored(element) } = checkedNames(options, { mirrored: true });
  const picture = pictureSize(element);
  const content = contentSize(element);
  const { objectFit, objectPosition } = getComputedStyle(element);
  const area = visibleArea(picture, content, { fit: objectFit, position: objectPosition });
  const [scaleX, scaleY] = [area.width / picture.width, area.height / picture.height];
  const flipped = (x: number) => (mirrored ? content.width - x : x);
  const toElement = ({ x, y }: Point): Point => ({ x: flipped(area.x + x * scaleX), y: area.y + y * scaleY });
  return {
    toElement,
    boxToElement({ x, y, width, height }) {
      const corner = toElement({ x: mirrored ? x + width : x, y });
      return { ...corner, width: width * scaleX, height: height * scaleY };
    },
    toPicture: ({ x, y }) => ({ x: (flipped(x) - area.x) / scaleX, y: (y - area.y) / scaleY }),
  };
}

/** The size of the picture, in its own pixels. */
function pictureSize(element: PictureElement): { width: number; height: number } {
  const [width, height] =
    'videoWidth' in element
      ? [element.videoWidth, element.videoHeight]
      : 'naturalWidth' in element
        ? [element.naturalWidth, element.naturalHeight]
        : [element.width, element.height];
  if (width === undefined || height === undefined) {
    throw new FaceNetError('option-invalid', 'The element shows no picture: pass an <img>, a <video> or a <canvas>.');
  }
  if (width > 0 && height > 0) return { width, height };
  throw new FaceNetError('image-empty', 'The element has no picture yet: wait until it is loaded.');
}

/** The size of an element without its border and padding, in CSS pixels. */
export function contentSize(element: PictureElement): { width: number; height: number } {
  const { paddingLeft, paddingRight, paddingTop, paddingBottom } = getComputedStyle(element);
  const sum = (a: string, b: string) => Number.parseFloat(a) + Number.parseFloat(b);
  return {
    width: element.clientWidth - sum(paddingLeft, paddingRight),
    height: element.clientHeight - sum(paddingTop, paddingBottom),
  };
}

function isMirrored(element: PictureElement): boolean {
  const { transform, scale } = getComputedStyle(element);
  const matrix = transform === 'none' ? 1 : new DOMMatrixReadOnly(transform).a;
  return matrix < 0 !== Number.parseFloat(scale) < 0;
}
