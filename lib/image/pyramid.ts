import { type Grey, halved, resampled } from './grey.ts';

/** A picture at one scale of a pyramid. */
export interface PyramidLevel {
  grey: Grey;
  /** Source pixels per pixel of this level, along each side. 1 at the first level. */
  scale: number;
}

/**
 * Generates the levels of an image pyramid, largest first, until a window no longer fits. A detector with a window of
 * fixed size searches each level. Each level is resampled from the next larger power-of-two reduction of the picture,
 * so that nothing aliases.
 *
 * @param factor the ratio of successive scales, more than 1.
 * @param window the minimum size of a level, in its own pixels.
 */
export function* pyramid(
  picture: Grey,
  factor: number,
  window: { width: number; height: number },
): Generator<PyramidLevel> {
  let source = picture;
  let sourceScale = 1;
  for (let scale = 1; ; scale *= factor) {
    const width = Math.floor(picture.width / scale);
    const height = Math.floor(picture.height / scale);
    if (width < window.width || height < window.height) return;
    while (scale >= 2 * sourceScale) {
      source = halved(source);
      sourceScale *= 2;
    }
    yield { scale, grey: scale === 1 ? picture : resampled(source, { width, height }, scale / sourceScale) };
  }
}
