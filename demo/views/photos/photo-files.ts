/** A file that may be a photo, and where it lay in what was chosen. */
export interface PhotoFile {
  /** The path below the chosen folder, or the file's name. */
  path: string;
  file: File;
}

/** Pictures that browsers give no type, so that their failure is told by name and not passed over. */
const untypedPictures = /\.(heic|heif|avif|jxl|tiff?|dng|cr2|nef|arw)$/i;

/** Made once: a thousand names compared by `localeCompare` make a collator each, which held the page up for 270 ms. */
const byName = new Intl.Collator(undefined, { numeric: true });

/**
 * The photos among files, by path.
 *
 * @param pathOf where a file lay.
 */
export function photosAmong(files: readonly File[], pathOf: (file: File) => string): PhotoFile[] {
  return files
    .filter(({ type, name }) => type.startsWith('image/') || untypedPictures.test(name))
    .map((file) => ({ file, path: pathOf(file) }))
    .sort((a, b) => byName.compare(a.path, b.path));
}
