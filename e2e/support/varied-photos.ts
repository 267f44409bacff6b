/**
 * Makes photos of one or two of ten faces, cut out of the sample photos at several sizes and brightnesses: the same number
 * gives the same photo. Runs in the page, and therefore uses nothing from outside.
 *
 * @param folder the address of the sample photos.
 * @param across the width of the photos in pixels; their height is three quarters of it.
 */
export function makePhotos(folder: string, across = 480) {
  const faces = [
    [3, 556, 355, 247],
    [3, 1026, 240, 272],
    [3, 1476, 323, 248],
    [6, 250, 506, 256],
    [6, 615, 357, 272],
    [6, 1155, 337, 239],
    [6, 1441, 285, 268],
    [5, 343, 905, 264],
    [5, 1355, 408, 258],
    [1, 375, 365, 210],
  ] as const;
  const bitmaps = new Map<number, Promise<ImageBitmap>>();
  const load = (number: number) => {
    const loading =
      bitmaps.get(number) ??
      fetch(`${folder}/sample${number}.jpg`).then(async (r) => createImageBitmap(await r.blob()));
    bitmaps.set(number, loading);
    return loading;
  };
  const photo = async (i: number): Promise<Blob> => {
    const [number, x, y, side] = faces[i % faces.length] as (typeof faces)[number];
    const round = Math.floor(i / faces.length);
    const canvas = new OffscreenCanvas(across, across * 0.75);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    // Vary the distance and the position of the face. The variations repeat after 180 rounds, then at other distances.
    const width = side * (2.4 + 0.12 * (round % 9) + 0.017 * Math.floor(round / 180));
    const shift = side * 0.08 * ((round % 5) - 2);
    const height = width * 0.75;
    context.drawImage(
      await load(number),
      x + side / 2 - width / 2 + shift,
      y + side / 2 - height / 2,
      width,
      height,
      0,
      0,
      canvas.width,
      canvas.height,
    );
    context.fillStyle = `rgb(${round % 2 ? '0 0 0' : '255 255 255'} / ${0.04 * (round % 4)})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
  };
  return photo;
}
