import { FaceNetError } from '../../../lib/core/errors.ts';

/** The size of an image, in pixels. */
export interface InputSize {
  width: number;
  height: number;
}

/** A size that was asked for. */
export interface RequestedSize {
  /** The size of the input image, for a network that takes any size. */
  inputSize?: InputSize | undefined;
  /** Whether `inputSize` replaces a size that the file states. A fully convolutional network runs at any size. @default false */
  replacesSize?: boolean | undefined;
}

/**
 * The size of the images of a network.
 *
 * @param stated the size in the file; not positive where the file leaves it open.
 * @param requested the size that was asked for.
 * @throws {FaceNetError} `option-invalid` for another size than that of a file that states one.
 */
export function imageSize(stated: InputSize, { inputSize, replacesSize = false }: RequestedSize): InputSize {
  const { width, height } = stated;
  const isFixed = width > 0 && height > 0;
  if (!inputSize || replacesSize || !isFixed) return inputSize ?? stated;
  if (inputSize.width === width && inputSize.height === height) return stated;
  throw new FaceNetError(
    'option-invalid',
    `The network takes images of ${width}×${height} pixels, and not of ${inputSize.width}×${inputSize.height}: omit --size.`,
  );
}
