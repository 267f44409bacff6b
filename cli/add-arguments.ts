import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parsed, UsageError } from './command.ts';
import type { Quantization } from './convert/graph/quantize.ts';
import { sha256 } from './models-folder.ts';

/** The options of `add-model`, all of which are texts. */
const names = ['task', 'preset', 'template', 'name', 'out', 'sha256', 'quantize', 'output', 'size', 'weights'] as const;

/** An option's name. */
export type AddOption = (typeof names)[number];

/** The arguments of `add-model`. */
export interface AddArguments {
  /** The files as they were given. */
  files: string[];
  values: Partial<Record<AddOption, string>>;
}

/** Parses the arguments. @throws {UsageError} for an option that does not exist, and for one without a value. */
export function addArguments(args: string[]): AddArguments {
  const option = { type: 'string' } as const;
  const options = Object.fromEntries(names.map((name) => [name, option])) as Record<AddOption, typeof option>;
  const { values, positionals } = parsed(() => parseArgs({ args, options, allowPositionals: true }));
  return { files: positionals, values };
}

/** Refuses options that have no effect. @param reason why, as a sentence. @throws {UsageError} naming them. */
export function refuseOptions({ values }: AddArguments, refused: readonly AddOption[], reason: string): void {
  const given = refused.filter((name) => values[name] !== undefined).map((name) => `--${name}`);
  if (given.length > 0) throw new UsageError(`${reason} Omit ${given.join(' and ')}.`);
}

/** The type of the stored weights. @throws {UsageError} for another word. */
export function quantizationOf({ values: { quantize } }: AddArguments): Quantization | undefined {
  if (quantize === undefined || quantize === 'float16' || quantize === 'uint8') return quantize;
  throw new UsageError(`--quantize is "${quantize}": use float16 or uint8.`);
}

/** Whether a text may be the name of a model. */
export function isModelName(name: string): boolean {
  return /^\w[\w.-]*$/.test(name);
}

/** The absolute path of a file or folder that was given. */
export function givenPath(path: string): string {
  // npm runs scripts in the package's folder. INIT_CWD is the folder that npm was called in.
  return resolve((process.env.npm_lifecycle_event === 'models:add' && process.env.INIT_CWD) || '.', path);
}

/** The absolute path of the models folder: that of --out, or `public/NAME`. */
export function outputFolder({ values: { out } }: AddArguments, name: string): string {
  return givenPath(out ?? join('public', name));
}

/** Reads a file. @throws {Error} if it does not exist. */
export function readGiven(given: string): Buffer {
  const file = givenPath(given);
  if (!existsSync(file)) throw new Error(`${given}: no such file.`);
  return readFileSync(file);
}

/** Checks the SHA-256 of a file, if one is expected. @returns it. @throws {Error} if it is another. */
export function checkedHash(given: string, bytes: Uint8Array, { values }: AddArguments): string {
  const hash = sha256(bytes);
  if (values.sha256 !== undefined && values.sha256.toLowerCase() !== hash) {
    throw new Error(`${given} has the SHA-256 ${hash} instead of ${values.sha256}: download it again.`);
  }
  return hash;
}

/** The size of files, in megabytes with `digits` decimals. */
export function megabytesOf(files: readonly { bytes: Uint8Array }[], digits: number): string {
  return (files.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6).toFixed(digits);
}
