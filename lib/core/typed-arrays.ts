interface TypedArrays {
  Float32Array: Float32Array;
  Uint8Array: Uint8Array<ArrayBuffer>;
  Uint8ClampedArray: Uint8ClampedArray;
}

/** Whether a value is a typed array of this type, of any realm. */
export function isTypedArray<Name extends keyof TypedArrays>(value: unknown, name: Name): value is TypedArrays[Name] {
  return ArrayBuffer.isView(value) && (value as Partial<Float32Array>)[Symbol.toStringTag] === name;
}
