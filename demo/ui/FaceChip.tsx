import type { ComponentChildren } from 'preact';
import { FaceCrop } from './FaceCrop.tsx';
import { Faceprint } from './Faceprint.tsx';
import './face-chip.css';

interface FaceChipProps {
  crop: ImageData | ImageBitmap | Blob | undefined;
  /** The person's name or a placeholder. */
  name: string;
  /** A second line, below the name. */
  caption?: ComponentChildren;
  embedding?: Float32Array | undefined;
  /** Icon buttons at the end. */
  children?: ComponentChildren;
}

/** A person in one row: face crop, name and faceprint. */
export function FaceChip({ crop, name, caption, embedding, children }: FaceChipProps) {
  return (
    <div class="face-chip">
      <FaceCrop crop={crop} label="" />
      <div class="who">
        <p class="name">{name}</p>
        {caption && <p class="small muted">{caption}</p>}
        {embedding && <Faceprint embedding={embedding} />}
      </div>
      {children}
    </div>
  );
}
