/**
 * An address at which an image element shows a photo as `decodeImage` decodes it: of the file, unless image elements may not turn it.
 * Revoke it after use.
 *
 * @param bitmap the decoded photo.
 */
export async function photoAddress(file: Blob, bitmap: ImageBitmap): Promise<string> {
  if (!(await isWebp(file))) return URL.createObjectURL(file);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  // Without EXIF data. Browsers that cannot encode WebP encode PNG.
  return URL.createObjectURL(await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 }));
}

/** By the content, because the type of a file may be missing or another one. */
async function isWebp(file: Blob): Promise<boolean> {
  const header = await file.slice(0, 12).text();
  return header.startsWith('RIFF') && header.endsWith('WEBP');
}
