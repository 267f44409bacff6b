// Functions that run in the page.

/** What a page of the memory measurement holds besides the benchmark's state. */
declare global {
  var memoryPhoto: HTMLCanvasElement | Blob;
}

/** Runs in the page: stores a canvas with a number of faces, or the file that the page is served if it is 0. */
export async function preparePhoto(faces: number): Promise<void> {
  if (faces === 0) {
    globalThis.memoryPhoto = await (await fetch('/memory.jpg')).blob();
    return;
  }
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 1280, height: 960 });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  // The scene with ten faces has two rows of five.
  if (faces === 1) context.drawImage(bench.scenes['1'], 0, 0, 1280, 960);
  const rows = Math.ceil(Math.sqrt(faces / 10));
  const columns = Math.ceil(faces / 10 / rows);
  for (let i = 0; faces > 1 && i < faces / 10; i++) {
    const [width, height] = [1280 / columns, 960 / rows];
    const [x, y] = [(i % columns) * width, Math.floor(i / columns) * height];
    context.drawImage(bench.scenes['10'], x, y, width, height);
  }
  globalThis.memoryPhoto = canvas;
}

/** Runs in the page: starts the system and embeds the photo a number of times. */
export async function embedPhoto(given: { options: unknown; isElement: boolean; calls: number }): Promise<void> {
  await bench.start(given.options);
  const subject = bench.createSubject();
  let photo = globalThis.memoryPhoto as HTMLCanvasElement;
  if (given.isElement && globalThis.memoryPhoto instanceof Blob) {
    const image = new Image();
    image.src = URL.createObjectURL(globalThis.memoryPhoto);
    await image.decode();
    photo = image as unknown as HTMLCanvasElement;
  }
  for (let i = 0; i < given.calls; i++) await subject.embed.default?.(photo);
}

/** Runs in the page: a JPEG file with one face, in base64. */
export async function drawFile(megapixels: number): Promise<string> {
  const sample = await createImageBitmap(await (await fetch('/photos/sample6.jpg')).blob(), 10, 350, 580, 435);
  const width = Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3));
  const canvas = new OffscreenCanvas(width, Math.round((width * 3) / 4));
  (canvas.getContext('2d') as OffscreenCanvasRenderingContext2D).drawImage(sample, 0, 0, canvas.width, canvas.height);
  const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  const address = await new Promise<string>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.readAsDataURL(file);
  });
  return address.slice(address.indexOf(',') + 1);
}
