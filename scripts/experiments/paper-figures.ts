/** Figures of the FaceNet paper (arXiv 1503.03832), in %: VAL at a false-accept rate of 10⁻³ on its hold-out set. */
export const paper = {
  /** Table 4: by JPEG quality. */
  jpeg: { 10: 67.3, 20: 81.4, 30: 83.9, 50: 85.5, 70: 86.1, 90: 86.5 } as Record<number, number>,
  /** Table 4: by the pixels of the face thumbnail. */
  pixels: { 1600: 37.8, 6400: 79.5, 14400: 84.5, 25600: 85.7, 65536: 86.4 } as Record<number, number>,
  /** Table 5: by the embedding's dimensions, with the standard error. */
  dimensions: { 64: [86.8, 1.7], 128: [87.9, 1.9], 256: [87.7, 1.9], 512: [85.6, 2.0] } as Record<
    number,
    [number, number]
  >,
  /** Table 6: by the number of training images, after 700 hours. */
  images: { 2600000: 76.3, 26000000: 85.1, 52000000: 85.1, 260000000: 86.2 } as Record<number, number>,
  /** Section 5.6: accuracy on LFW, with the standard error. */
  lfw: { centre: [98.87, 0.15], detector: [99.63, 0.09] } as Record<string, [number, number]>,
};
