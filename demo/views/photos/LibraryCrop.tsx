import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { useCrop } from './crops.ts';

/** The crop of a face of the library. @param label the accessible name; empty if the name is shown next to it. */
export function LibraryCrop({ face, label = '' }: { face: number | undefined; label?: string }) {
  return <FaceCrop crop={useCrop(face)} label={label} />;
}
