import type { Box } from '../core/types.ts';

interface Size {
  width: number;
  height: number;
}

/**
 * The box that a whole picture takes in an element, by the rules of CSS Images: it exceeds the element where `object-fit` crops.
 *
 * @param fit the computed value of `object-fit`.
 * @param position the computed value of `object-position`: two percentages or lengths in pixels.
 */
export function visibleArea(picture: Size, element: Size, { fit, position }: { fit: string; position: string }): Box {
  const { width, height } = fitted(picture, element, fit);
  const [x = '50%', y = '50%'] = position.split(' ');
  return { x: offset(x, element.width - width), y: offset(y, element.height - height), width, height };
}

function fitted(picture: Size, element: Size, fit: string): Size {
  const [across, down] = [element.width / picture.width, element.height / picture.height];
  const contained = Math.min(across, down);
  const scale = { contain: contained, cover: Math.max(across, down), none: 1, 'scale-down': Math.min(1, contained) }[
    fit
  ];
  // `fill`, the default, scales both directions independently.
  if (scale === undefined) return { ...element };
  return { width: picture.width * scale, height: picture.height * scale };
}

/** A percentage refers to the space that the picture leaves free, which is negative where it is cropped. */
function offset(value: string, free: number): number {
  const number = Number.parseFloat(value);
  return value.endsWith('%') ? (number / 100) * free : number;
}
