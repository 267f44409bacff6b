/** The scenes, by their number of faces. */
export const sceneNames = ['1', '3', '10'] as const;
export type SceneName = (typeof sceneNames)[number];

/** A rectangle of one of the sample photos. */
type Cut = [photo: number, x: number, y: number, width: number, height: number];

/** Runs in the page: composes the scenes from the sample photos, and stores them in the global `bench`. */
export async function composeScenes(): Promise<void> {
  const photos = new Map<number, ImageBitmap>();
  for (const number of [1, 3, 5, 6]) {
    photos.set(number, await createImageBitmap(await (await fetch(`/photos/sample${number}.jpg`)).blob()));
  }
  const compose = (width: number, height: number, perRow: number, cuts: Cut[]) =>
    drawGrid(photos, { width, height, perRow }, cuts);
  const single: Cut = [6, 10, 350, 580, 435];
  const stage = compose(800, 600, 1, [single]);
  const screen = compose(640, 480, 1, []);
  globalThis.bench = {
    ...globalThis.bench,
    scenes: {
      '1': compose(640, 480, 1, [single]),
      '3': compose(640, 480, 1, [[3, 120, 0, 1800, 1350]]),
      '10': compose(640, 480, 5, tenFaces()),
    },
    reference: compose(600, 800, 1, [[6, 0, 250, 600, 800]]),
    frame(number) {
      const [x, y] = [80 * (1 + Math.sin(number / 9)), 60 * (1 + Math.cos(number / 7))];
      screen.getContext('2d')?.drawImage(stage, x, y, 640, 480, 0, 0, 640, 480);
      return screen;
    },
  };
}

/** Runs in the page: draws parts of photos in a grid. */
function drawGrid(
  photos: ReadonlyMap<number, ImageBitmap>,
  { width, height, perRow }: { width: number; height: number; perRow: number },
  cuts: readonly Cut[],
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.imageSmoothingQuality = 'high';
  const cell = { width: width / perRow, height: height / Math.ceil(cuts.length / perRow) };
  cuts.forEach(([number, ...from], i) => {
    const [x, y] = [(i % perRow) * cell.width, Math.floor(i / perRow) * cell.height];
    context.drawImage(photos.get(number) as ImageBitmap, ...from, x, y, cell.width, cell.height);
  });
  return canvas;
}

/** Runs in the page. The cuts of the scene with ten faces. */
function tenFaces(): Cut[] {
  /** A cut with the aspect ratio of a cell, about a face whose box begins at (x, y). */
  const about = (photo: number, x: number, y: number, side: number): Cut => {
    const width = 1.75 * side;
    return [photo, x + side / 2 - width / 2, Math.max(0, y - 0.9 * side), width, (width * 240) / 128];
  };
  return [
    about(3, 556, 355, 247),
    about(3, 1026, 240, 272),
    about(3, 1476, 323, 248),
    about(6, 250, 506, 256),
    about(6, 615, 357, 272),
    about(6, 1155, 337, 239),
    about(6, 1441, 285, 268),
    about(5, 343, 905, 264),
    about(5, 1355, 408, 258),
    about(1, 375, 365, 210),
  ];
}

/** The functions that {@link composeScenes} calls, for definePageFunctions. */
export const sceneFunctions = { drawGrid, tenFaces };
