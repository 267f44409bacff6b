/** Runs in the page: a Gaussian blur of a square crop, with replicated borders. @param sigma in pixels. */
export function blurCrop({ data, width: side }: ImageData, sigma: number): ImageData {
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  /** One pass of the separable filter. @param positionOf the position of a pixel along the pass. */
  const pass = (from: ArrayLike<number>, step: number, positionOf: (pixel: number) => number) => {
    const to = new Float32Array(from.length);
    for (let pixel = 0; pixel < side * side; pixel++) {
      const position = positionOf(pixel);
      for (let channel = 0; channel < 4; channel++) {
        let value = 0;
        weights.forEach((weight, i) => {
          const shift = Math.min(side - 1, Math.max(0, position + i - reach)) - position;
          value += (weight / sum) * (from[(pixel + shift * step) * 4 + channel] as number);
        });
        to[pixel * 4 + channel] = value;
      }
    }
    return to;
  };
  const rows = pass(data, 1, (pixel) => pixel % side);
  return new ImageData(Uint8ClampedArray.from(pass(rows, side, (pixel) => Math.floor(pixel / side))), side, side);
}

/** Runs in the page: darkens a crop and adds Gaussian noise, the same in every run. @param seed the image's URL. */
export function addNoise(
  { data, width, height }: ImageData,
  { factor, noise }: { factor: number; noise: number },
  seed: string,
): ImageData {
  let state = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261);
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 8) + 0.5) / 2 ** 24;
  };
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const dark = data.map((value, i) => (i % 4 === 3 ? 255 : value * factor + noise * normal()));
  return new ImageData(dark, width, height);
}

/** Runs in the page: mirrors a square crop horizontally. */
export function mirrorCrop({ data, width: side }: ImageData): ImageData {
  const [from, to] = [new Uint32Array(data.buffer), new Uint32Array(side * side)];
  for (let pixel = 0; pixel < to.length; pixel++) {
    to[pixel] = from[pixel - (pixel % side) + side - 1 - (pixel % side)] as number;
  }
  return new ImageData(new Uint8ClampedArray(to.buffer), side, side);
}

/** The functions above, for definePageFunctions. */
export const cropFunctions = { blurCrop, addNoise, mirrorCrop };
