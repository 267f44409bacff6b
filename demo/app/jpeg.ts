import { DemoError } from './problems.ts';

/** What a canvas shows, as a JPEG. */
export async function asJpeg(canvas: HTMLCanvasElement): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
  if (blob) return blob;
  throw new DemoError('noJpeg');
}
