import { FaceNetError } from '../../core/errors.ts';
import type { XmlElement } from './xml.ts';

/** The first child with a tag. @throws {FaceNetError} `option-invalid` when there is none. */
export function child({ tag, children }: XmlElement, wanted: string): XmlElement {
  const found = children.find((element) => element.tag === wanted);
  if (!found) throw cascadeError(`<${tag}> has no <${wanted}>`);
  return found;
}

/** The text of the first child with a tag, or `undefined`. */
export function textOf({ children }: XmlElement, wanted: string): string | undefined {
  return children.find(({ tag }) => tag === wanted)?.text.trim();
}

/**
 * The numbers that an element contains, separated by white space.
 *
 * @throws {FaceNetError} `option-invalid` for other text.
 */
export function numbersIn({ text }: XmlElement): number[] {
  return text.trim().split(/\s+/).map(parseNumber);
}

/** Parses a number. @throws {FaceNetError} `option-invalid` for other text, and for numbers beyond ±2³². */
export function parseNumber(text: string | undefined): number {
  if (!text || !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) || Math.abs(Number(text)) > 2 ** 32) {
    throw cascadeError(`it has "${(text ?? '').slice(0, 80)}" instead of a number`);
  }
  return Number(text);
}

/** The error for a text that is not a usable cascade. @param fault the reason, as a clause. */
export function cascadeError(fault: string, cause?: unknown): FaceNetError {
  return new FaceNetError(
    'option-invalid',
    `detectorModel is not a cascade for the Viola–Jones detector: ${fault}. Pass the text of a file such as OpenCV's haarcascade_frontalface_default.xml.`,
    { cause },
  );
}
