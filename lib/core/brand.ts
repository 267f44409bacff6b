/** A property of each class whose getter throws for any other object. */
const brandedProperties = {
  Blob: 'size',
  HTMLCanvasElement: 'width',
  HTMLImageElement: 'naturalWidth',
  HTMLVideoElement: 'videoWidth',
  ImageBitmap: 'width',
  ImageData: 'width',
  OffscreenCanvas: 'width',
  VideoFrame: 'displayWidth',
} as const;

type BrandedName = keyof typeof brandedProperties;

type InstanceOf<Name extends BrandedName> = (typeof globalThis)[Name] extends abstract new (
  ...args: never[]
) => infer Instance
  ? Instance
  : never;

/**
 * Whether a value is an instance of a class of the browser. `instanceof` knows the classes of its own realm only: an
 * object of an iframe or a popup is recognised by a getter. An environment without the class has no instances.
 */
export function isInstance<Name extends BrandedName>(value: unknown, name: Name): value is InstanceOf<Name> {
  const type: unknown = globalThis[name];
  if (typeof type !== 'function') return false;
  if (value instanceof type) return true;
  const getter = Object.getOwnPropertyDescriptor(type.prototype, brandedProperties[name])?.get;
  try {
    return typeof getter?.call(value) === 'number';
  } catch {
    return false;
  }
}
