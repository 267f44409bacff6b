import { useLayoutEffect, useRef } from 'preact/hooks';
import './face-crop.css';

interface FaceCropProps {
  /** The aligned crop, as `align()` gives it, or a picture of it. */
  crop: ImageData | ImageBitmap | Blob | undefined;
  /** Whose face it is, for those who cannot see it; empty where the name stands beside it. */
  label: string;
}

/** A face, upright and cropped: always square, and there before its pixels are. */
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
  if (!canvas || !crop) return;
  const picture = crop instanceof Blob ? await createImageBitmap(crop) : crop;
  if (isCurrent()) {
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext('2d');
    if (picture instanceof ImageData) context?.putImageData(picture, 0, 0);
    else context?.drawImage(picture, 0, 0);
  }
  if (crop instanceof Blob) (picture as ImageBitmap).close();
}
