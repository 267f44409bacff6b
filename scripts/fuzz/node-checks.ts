import { FaceNetError } from '../../lib/core/errors.ts';

/** The code of a FaceNetError. @throws any other error. */
export function errorCode(error: unknown): string {
  if (error instanceof FaceNetError) return error.code;
  throw error;
}

/** Whether every number in a value is finite, at any depth. */
export function isAllFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isAllFinite);
}

/** A grey image. */
export function greyImage(size: number): { width: number; height: number; data: Uint8ClampedArray<ArrayBuffer> } {
  return { width: size, height: size, data: new Uint8ClampedArray(size * size * 4).fill(90) };
}
