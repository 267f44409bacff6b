/** The number of properties of the built-in prototypes, to detect prototype pollution. Also runs in pages and workers. */
export function prototypeProperties(): string {
  return [Object, Array, Function, String, Number, Promise]
    .map(({ prototype }) => Reflect.ownKeys(prototype).length)
    .join();
}
