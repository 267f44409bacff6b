import type { ComponentChildren } from 'preact';
import { FaceCrop } from './FaceCrop.tsx';
import { Faceprint } from './Faceprint.tsx';
import './face-chip.css';

interface FaceChipProps {
  crop: ImageData | ImageBitmap | Blob | undefined;
  /** The person's name, or what stands for it. */
  name: string;
  /** A line below the name. */
  caption?: ComponentChildren;
  embedding?: Float32Array | undefined;
  /** What can be done with it: small buttons. */
  children?: ComponentChildren;
}

/** A person in one line: the face, the name, the faceprint. */
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
