import { damaged, unsupportedFile } from '../../errors.ts';

/** Limits on a description, far above those of published networks. */
const maxLength = 4_000_000;
const maxDepth = 20;

/** A comment, a text in quotes, a mark, or a word. */
const token = /\s+|#[^\n]*|"[^"\n]*"|'[^'\n]*'|[{}:;,]|[^\s{}:;,"'#]+/y;

/** The fields that a description of a network begins with. */
const firstField = /^\s*(#[^\n]*\n\s*)*(name|input|input_dim|input_shape|layers?|force_backward|state)\s*[:{]/;

/** Whether a file begins like the description of a network for Caffe, such as deploy.prototxt. */
export function isPrototxt(bytes: Uint8Array): boolean {
  return firstField.test(new TextDecoder().decode(bytes.subarray(0, 4096)));
}

/** A message in Protocol Buffers' text format. The names of its fields are checked when it is read. */
export class TextMessage {
  readonly #fields = new Map<string, (string | TextMessage)[]>();
  readonly #path: string;

  /** @param path what it is, for errors. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Adds a value of a field. */
  add(field: string, value: string | TextMessage): void {
    this.#fields.set(field, [...(this.#fields.get(field) ?? []), value]);
  }

  /** @throws {FaceNetError} `model-file-unsupported` if it has a field that is not listed. */
  allow(fields: readonly string[]): void {
    const other = [...this.#fields.keys()].find((field) => !fields.includes(field));
    if (other === undefined) return;
    throw unsupportedFile(
      `${this.#path} has the field "${other}", which is not converted: use a network of the layout of OpenCV's res10 SSD.`,
    );
  }

  /** The messages of a field. */
  messages(field: string): TextMessage[] {
    return (this.#fields.get(field) ?? []).map((value) => {
      if (value instanceof TextMessage) return value;
      throw this.#wrong(field, 'a message');
    });
  }

  /** The message of a field; an empty one if it is absent. */
  message(field: string): TextMessage {
    return this.messages(field)[0] ?? new TextMessage(`${this.#path}.${field}`);
  }

  /** The texts, or the names of enumerations, of a field. */
  texts(field: string): string[] {
    return (this.#fields.get(field) ?? []).map((value) => {
      if (typeof value === 'string') return value;
      throw this.#wrong(field, 'a value');
    });
  }

  /** The text of a field. @param absent its value if it is absent. */
  text(field: string, absent = ''): string {
    return this.texts(field)[0] ?? absent;
  }

  /** The numbers of a field. They are finite. */
  numbers(field: string): number[] {
    return this.texts(field).map((text) => {
      const value = Number(text);
      if (text !== '' && Number.isFinite(value)) return value;
      throw this.#wrong(field, 'a number');
    });
  }

  /** The number of a field. @param absent its value if it is absent. */
  number(field: string, absent: number): number {
    return this.numbers(field)[0] ?? absent;
  }

  /** A whole number from `min` to `max`. @param absent its value if it is absent. */
  integer(field: string, absent: number, min: number, max: number): number {
    const value = this.number(field, absent);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw this.#wrong(field, `a whole number from ${min} to ${max}`);
  }

  /** The truth value of a field. @param absent its value if it is absent. */
  flag(field: string, absent: boolean): boolean {
    const text = this.text(field, String(absent));
    if (text === 'true' || text === 'false') return text === 'true';
    throw this.#wrong(field, 'true or false');
  }

  #wrong(field: string, expected: string) {
    return damaged(`${this.#path} has a field "${field}" that is not ${expected}`);
  }
}

/**
 * Parses Protocol Buffers' text format, as far as descriptions of Caffe use it.
 *
 * @throws {FaceNetError} `model-file-damaged` for another text.
 */
export function parsePrototxt(bytes: Uint8Array): TextMessage {
  if (bytes.length > maxLength)
    throw damaged('The .prototxt is larger than 4 MB, the limit for a description of a network');
  const tokens = tokensOf(new TextDecoder().decode(bytes));
  const root = new TextMessage('The .prototxt');
  const open = [root];
  for (let i = 0; i < tokens.length; ) {
    const [name = '', mark] = [tokens[i], tokens[i + 1]];
    if (name === ';' || name === ',') i++;
    else if (name === '}' && open.length > 1) {
      open.pop();
      i++;
    } else if (/^\w+$/.test(name) && (mark === '{' || (mark === ':' && tokens[i + 2] === '{'))) {
      if (open.length > maxDepth) throw unreadable(name);
      const message = new TextMessage(`The "${name}" of the .prototxt`);
      open.at(-1)?.add(name, message);
      open.push(message);
      i += mark === '{' ? 2 : 3;
    } else if (/^\w+$/.test(name) && mark === ':' && /^[^{}:;,]/.test(tokens[i + 2] ?? '')) {
      open.at(-1)?.add(name, (tokens[i + 2] as string).replace(/^(["'])(.*)\1$/, '$2'));
      i += 3;
    } else throw unreadable(name);
  }
  if (open.length > 1) throw damaged('The .prototxt ends within a message');
  return root;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const [found] = token.exec(text) ?? [];
    if (found === undefined) throw unreadable(text.slice(at, at + 20));
    if (!/^[\s#]/.test(found)) tokens.push(found);
  }
  return tokens;
}

function unreadable(near: string) {
  return damaged(`The .prototxt cannot be read near ${JSON.stringify(near)}`);
}
