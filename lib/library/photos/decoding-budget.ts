/** What a browser states about its device. `deviceMemory` is in GiB, coarse, and stated by Chromium only. */
export type DeviceStatement = Pick<Navigator, 'hardwareConcurrency'> & { deviceMemory?: number };

/** What the photos that are indexed at once may take. */
export interface DecodingBudget {
  /** How many pixels may be decoded at once, unless one photo has more. */
  pixels: number;
  /** How many photos are indexed at once. */
  photos: number;
}

/** 50 MB for each GiB, and as much again for the worker's copies: a tenth of the memory. */
const pixelsPerGiB = 12.5e6;

/** The memory of a device that states none, in GiB: two photos of 24 megapixels fit. */
const assumedMemory = 4;

/** Browsers stated no more before 2025, and two photos of 50 megapixels fit. */
const maxMemory = 8;

/**
 * The next photo is read and decoded while the networks run on the other, which takes a second processor core. One worker runs the
 * networks for one photo after the other: a third photo at once was not faster (docs/library.md), and would hold its pixels.
 */
const maxPhotos = 2;

/** What the photos that are indexed at once may take on a device. @param device `navigator`; undefined where there is none. */
export function decodingBudget(device: DeviceStatement | undefined): DecodingBudget {
  const memory = Math.min(maxMemory, device?.deviceMemory ?? assumedMemory);
  return {
    pixels: memory * pixelsPerGiB,
    photos: Math.min(maxPhotos, device?.hardwareConcurrency ?? maxPhotos),
  };
}
