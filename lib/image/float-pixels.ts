/**
 * Pixels in memory that are not rounded to bytes: red, green and blue in the range 0 to 255 as 32-bit floats, row by row from the top. An
 * image that is resized several times keeps its precision in this form.
 */
export interface FloatPixels {
  width: number;
  height: number;
  data: Float32Array;
}
