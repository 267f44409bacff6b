// The exports of assembly/index.ts. A unit test compares every parameter's name and type with the AssemblyScript
// source.

/** Byte address in linear memory (`usize`). 0 stands for an absent tensor. */
export type Address = number;
/** Stride or width in bytes (`u32`). */
export type Bytes = number;
/** Signed 32-bit integer (`i32`): a count, an index or a size. */
export type Integer = number;
/** 32-bit float (`f32`). */
export type Float = number;
/** 64-bit float (`f64`). */
export type Double = number;
/** Boolean (`bool`). */
export type Flag = 0 | 1;

/** The parameters of each kernel; assembly/ documents them. */
export interface KernelParameters {
  // biome-ignore format: one line for each tensor
  convolution: [
    input: Address, inputImage: Bytes, inputRow: Bytes, inputColumn: Bytes, filterRow: Bytes,
    filter: Address, bias: Address, slope: Address, rows: Integer, taps: Integer,
    residual: Address, residualImage: Bytes, residualRow: Bytes, residualColumn: Bytes, residualChannels: Integer,
    output: Address, outputImage: Bytes, outputRow: Bytes, outputColumn: Bytes, channels: Integer,
    table: Address, height: Integer, width: Integer, low: Float, high: Float, start: Integer, end: Integer,
  ];
  // biome-ignore format: one line for each tensor
  winograd: [
    input: Address, inputImage: Bytes, inputRow: Bytes, inputColumn: Bytes, inputs: Integer,
    filter: Address, bias: Address, slope: Address,
    residual: Address, residualImage: Bytes, residualRow: Bytes, residualColumn: Bytes, residualChannels: Integer,
    output: Address, outputImage: Bytes, outputRow: Bytes, outputColumn: Bytes, channels: Integer,
    table: Address, height: Integer, width: Integer, low: Float, high: Float,
    size: Integer, start: Integer, end: Integer,
  ];
  // biome-ignore format: one line for each tensor
  depthwise: [
    input: Address, inputImage: Bytes, inputRow: Bytes, inputColumn: Bytes, filterRow: Bytes, filterColumn: Bytes,
    filter: Address, bias: Address, slope: Address, rows: Integer, columns: Integer,
    output: Address, outputImage: Bytes, outputRow: Bytes, outputColumn: Bytes, channels: Integer,
    height: Integer, width: Integer, low: Float, high: Float, start: Integer, end: Integer,
  ];
  // biome-ignore format: one line for each tensor
  sum: [
    left: Address, leftImage: Bytes, leftRow: Bytes, leftColumn: Bytes, leftChannels: Integer,
    right: Address, rightImage: Bytes, rightRow: Bytes, rightColumn: Bytes, rightChannels: Integer,
    slope: Address,
    output: Address, outputImage: Bytes, outputRow: Bytes, outputColumn: Bytes, channels: Integer,
    images: Integer, height: Integer, width: Integer, low: Float, high: Float,
  ];
  // biome-ignore format: one line for each tensor
  product: [
    left: Address, leftImage: Bytes, leftRow: Bytes, leftColumn: Bytes, leftChannels: Integer,
    right: Address, rightImage: Bytes, rightRow: Bytes, rightColumn: Bytes, rightChannels: Integer,
    slope: Address,
    output: Address, outputImage: Bytes, outputRow: Bytes, outputColumn: Bytes, channels: Integer,
    images: Integer, height: Integer, width: Integer, low: Float, high: Float,
  ];
  // biome-ignore format: one line for each tensor
  frame: [
    to: Address, images: Integer, rows: Integer, row: Bytes,
    top: Integer, bottom: Integer, left: Bytes, right: Bytes,
  ];
  // biome-ignore format: one line for each tensor
  pool: [
    input: Address, inputImage: Bytes, inputRow: Bytes, inputColumn: Bytes, inputHeight: Integer, inputWidth: Integer,
    rows: Integer, columns: Integer, rowStride: Integer, columnStride: Integer,
    top: Integer, left: Integer, largest: Flag,
    output: Address, outputImage: Bytes, outputRow: Bytes, outputColumn: Bytes, channels: Integer,
    images: Integer, height: Integer, width: Integer,
  ];
  // biome-ignore format: one line for each tensor
  resize: [
    input: Address, inputImage: Bytes, inputRow: Bytes, inputColumn: Bytes, inputHeight: Integer, inputWidth: Integer,
    rowScale: Float, columnScale: Float, shift: Float,
    output: Address, outputImage: Bytes, outputRow: Bytes, outputColumn: Bytes, channels: Integer,
    images: Integer, height: Integer, width: Integer,
  ];
  // biome-ignore format: one line for each tensor
  toInput: [
    pixels: Address, output: Address, outputRow: Bytes, height: Integer, width: Integer, reversed: Flag,
    mean0: Float, mean1: Float, mean2: Float, scale0: Float, scale1: Float, scale2: Float,
  ];
  expandBytes: [from: Address, count: Integer, scale: Float, min: Float, to: Address];
  expandHalves: [from: Address, count: Integer, to: Address];
  scaleChannels: [values: Address, rows: Integer, channels: Integer, factors: Address];
  // biome-ignore format: one line for each tensor
  pack: [
    filter: Address, taps: Integer, inputs: Integer, outputs: Integer, paddedInputs: Integer,
    output: Address,
  ];
  // biome-ignore format: one line for each tensor
  packMinimal: [
    filter: Address, inputs: Integer, outputs: Integer, paddedInputs: Integer, size: Integer,
    scratch: Address, output: Address,
  ];
  // biome-ignore format: one line for each tensor
  shrink: [
    source: Address, stride: Bytes, width: Integer, height: Integer, block: Integer,
    sums: Address, output: Address,
  ];
  // biome-ignore format: one line for each tensor
  sample: [
    source: Address, stride: Bytes, sourceWidth: Integer, sourceHeight: Integer,
    a: Double, b: Double, c: Double, d: Double, e: Double, f: Double,
    output: Address, width: Integer, height: Integer, grid: Integer,
  ];
}

/** The name of a kernel. */
export type KernelName = keyof KernelParameters;

/** The kernels by name. */
type KernelFunctions = { [Name in KernelName]: (...args: KernelParameters[Name]) => void };

/** The exports of a WebAssembly file with kernels. */
export interface Kernels extends KernelFunctions {
  memory: WebAssembly.Memory;
}

/** A kernel and its arguments: plain data, which can be posted to a worker. */
export type KernelCall<Names extends KernelName = KernelName> = {
  [Name in Names]: { kernel: Name; args: KernelParameters[Name] };
}[Names];

/** Executes a call. */
export function callKernel<Name extends KernelName>(
  kernels: KernelFunctions,
  { kernel, args }: KernelCall<Name>,
): void {
  kernels[kernel](...args);
}
