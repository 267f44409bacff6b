import type { EmbeddedFace, FaceNet as FaceNetClass, Landmarks, ModelNames } from '../../lib/index.ts';
import type { FacesOptions } from './options.ts';

/** An embedded face as it is printed: points of landmarks are pairs, and the embedding is a list. */
export type PrintedFace = Omit<EmbeddedFace, 'landmarks' | 'embedding'> & {
  landmarks: Omit<Landmarks, 'points'> & { points: [x: number, y: number][] };
  embedding: number[];
};

/** The embedding of an aligned crop. */
export type PrintedCrop = Pick<PrintedFace, 'embedding' | 'model'>;

/** What is found in one photo: its size with its faces, or the reason why it could not be read. */
export interface PhotoResult {
  /** The size in pixels, with the EXIF orientation applied. */
  width?: number;
  height?: number;
  faces?: (PrintedFace | PrintedCrop)[];
  error?: { code: string; message: string };
  /** The photo with its faces drawn on it, a PNG in Base64. */
  drawing?: string;
}

/** The functions that the others call, for definePageFunctions. */
export const pageFunctions = { printedFace, drawnFaces, drawFace, errorOf };

/** Runs in the page: loads the library, and keeps it for {@link facesInPage}. */
export async function loadInPage(given: {
  library: string;
  models: string[];
  options: FacesOptions['load'];
}): Promise<{ backend: string; models: ModelNames }> {
  const { FaceNet } = (await import(given.library)) as { FaceNet: typeof FaceNetClass };
  // WebAssembly gives the same numbers on every machine.
  const facenet = await FaceNet.load({ ...given.options, models: given.models, backend: 'wasm' });
  Object.assign(globalThis, { facenet });
  return { backend: facenet.backend.name, models: facenet.models };
}

/** Runs in the page: embeds every face of a photo, or the photo itself if it is a crop. */
export async function facesInPage(given: { address: string; crop: boolean; draw: boolean }): Promise<PhotoResult> {
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const photo = await (await fetch(given.address)).blob();
  try {
    if (given.crop) {
      const { embedding, model } = await facenet.embedCrop(photo);
      const { width, height } = await createImageBitmap(photo);
      return { width, height, faces: [{ embedding: [...embedding], model }] };
    }
    const faces = await facenet.embed(photo);
    const bitmap = await createImageBitmap(photo);
    const { width, height } = bitmap;
    const drawing = given.draw ? { drawing: await drawnFaces(bitmap, faces) } : {};
    return { width, height, faces: faces.map(printedFace), ...drawing };
  } catch (error) {
    return { error: errorOf(error) };
  }
}

/** Runs in the page. */
function printedFace({ landmarks, embedding, ...face }: EmbeddedFace): PrintedFace {
  const points = landmarks.points.map(({ x, y }): [number, number] => [x, y]);
  return { ...face, landmarks: { ...landmarks, points }, embedding: [...embedding] };
}

/** Runs in the page: errors of the library have a code; others are the browser's. */
function errorOf(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code?: unknown; message: string };
  return { code: typeof code === 'string' ? code : 'image-unreadable', message };
}

/** Runs in the page. */
async function drawnFaces(bitmap: ImageBitmap, faces: readonly EmbeddedFace[]): Promise<string> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  for (const face of faces) drawFace(context, face);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  let text = '';
  // A call takes a limited number of arguments.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Runs in the page: the box, the score, and the landmarks. */
function drawFace(context: OffscreenCanvasRenderingContext2D, { box, score, landmarks }: EmbeddedFace): void {
  const side = Math.max(box.width, box.height);
  const line = Math.max(1, side / 80);
  context.strokeStyle = '#00e676';
  context.fillStyle = '#00e676';
  context.lineWidth = line;
  context.strokeRect(box.x, box.y, box.width, box.height);
  context.font = `${Math.max(10, side / 8)}px sans-serif`;
  context.fillText(score.toFixed(2), box.x, box.y - 2 * line);
  context.fillStyle = '#ffd600';
  // Few points are drawn larger than many.
  const radius = Math.max(1, side / (landmarks.points.length > 100 ? 200 : 80));
  for (const { x, y } of landmarks.points) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
}
