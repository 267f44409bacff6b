/** A file that may be a photo. */
export interface PhotoFile {
  /** The path relative to the chosen folder, or the file's name. */
  path: string;
  file: File;
}

/** Image formats for which browsers may report no MIME type. They are accepted, so that a failure to decode is reported. */
const untypedImages = /\.(heic|heif|avif|jxl|tiff?|dng|cr2|nef|arw)$/i;

/** Shared: `localeCompare` creates a collator per call, which blocked the page for 270 ms with 1000 names. */
const collator = new Intl.Collator(undefined, { numeric: true });

/**
 * Selects the files that may be photos, sorted by path.
 *
 * @param pathOf returns a file's path.
 */
export function selectPhotos(files: readonly File[], pathOf: (file: File) => string): PhotoFile[] {
  return files
    .filter(({ type, name }) => type.startsWith('image/') || untypedImages.test(name))
    .map((file) => ({ file, path: pathOf(file) }))
    .sort((a, b) => collator.compare(a.path, b.path));
}
