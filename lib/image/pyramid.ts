import { type Grey, halved, resampled } from './grey.ts';

/** A picture at one scale of a pyramid. */
export interface PyramidLevel {
  grey: Grey;
  /** How many pixels of the picture, along each side, one pixel of the level stands for; 1 at the first level. */
  scale: number;
}

/**
 * A picture at ever smaller scales, as long as a window still fits in: what a detector with a window of one size searches.
 * Each level is sampled from the nearest larger halving of the picture, so that nothing aliases.
 *
 * @param factor how much smaller each level is than the one before; more than 1.
 * @param window the least size of a level, in its own pixels.
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
