/** The kinds of files that dlib saves models in. */
export type DlibKind = 'shape-predictor' | 'object-detector' | 'network';

/** How the files begin, in hexadecimal: they have no signature. */
const starts: readonly [DlibKind, RegExp][] = [
  // The version, then the name of the last layer, "loss_…", with its length.
  ['network', /^010101..6c6f73735f/],
  // The version, then the negative number of rows of the mean shape.
  ['shape-predictor', /^01018[1-4]/],
  // The version, that of the scanner, and an empty list of images.
  ['object-detector', /^010[12]010101..0100/],
];

/** The kind of a file by its first bytes: undefined if dlib cannot have saved it. */
export function dlibKind(bytes: Uint8Array): DlibKind | undefined {
  const start = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return starts.find(([, pattern]) => pattern.test(start))?.[0];
}
