import { type Quality, qualityAdvice } from '../index.ts';
import type { ElementTexts } from './texts.ts';

/** A face as the status line describes it. */
export interface DescribedFace {
  /** The person's name; empty if the face was not identified. */
  label: string;
  /** The quality of the face, if it was embedded. */
  quality: Quality | undefined;
}

/** The number of faces, and the names of those that were identified; for a single unknown face, what would improve its picture. */
export function statusText(faces: readonly DescribedFace[], texts: ElementTexts): string {
  const names = faces.map(({ label }) => label).filter(Boolean);
  const count = texts.faces(faces.length);
  if (names.length > 0) return `${count}: ${names.join(', ')}`;
  const [only] = faces;
  const [advice] = faces.length === 1 && only?.quality ? qualityAdvice(only.quality) : [];
  return advice ? `${count}. ${texts.advice(advice)}` : count;
}
