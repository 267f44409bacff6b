import { decodeImage } from 'facenet-web';
import { useLayoutEffect, useRef } from 'preact/hooks';
import './face-crop.css';

interface FaceCropProps {
  /** The aligned crop: the result of `align()` or an encoded or decoded image of it. */
  crop: ImageData | ImageBitmap | Blob | undefined;
  /** The accessible name. Empty if the name is shown next to it. */
  label: string;
}

/** A square face crop. Reserves its space before the image is decoded. */
export function FaceCrop({ crop, label }: FaceCropProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    let current = true;
    void draw(canvas.current, crop, () => current);
    return () => {
      current = false;
    };
  }, [crop]);
  return (
    <canvas
      ref={canvas}
      class="face-crop"
      width={1}
      height={1}
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
    />
  );
}

async function draw(
  canvas: HTMLCanvasElement | null,
  crop: FaceCropProps['crop'],
  isCurrent: () => boolean,
): Promise<void> {
  if (!canvas) return;
  if (!crop) {
    // Also clears the former crop.
    canvas.width = 1;
    canvas.height = 1;
    return;
  }
  const image = crop instanceof Blob ? await decodeImage(crop) : crop;
  if (isCurrent()) {
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d');
    if (image instanceof ImageData) context?.putImageData(image, 0, 0);
    else context?.drawImage(image, 0, 0);
  }
  if (crop instanceof Blob) (image as ImageBitmap).close();
}
