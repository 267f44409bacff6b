/** A random number generator; values from 0 to 1, without 1. */
export type Random = () => number;

/** A random integer from 0 to `below` − 1. */
export function int(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** A random element. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[int(random, list.length)] as T;
}

/** Numbers that often expose errors. */
export const hostileNumbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e-320,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  65_535,
  65_536,
  1e9,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** Strings that often expose errors. */
const hostileTexts = [
  '',
  '__proto__',
  'constructor',
  '../../etc',
  'data:,',
  '\u0000',
  '💥',
  'a'.repeat(10_000),
  '%00',
  '-1',
];

/** A random JSON value, often hostile. */
export function hostileValue(random: Random, depth = 0): unknown {
  const kind = int(random, depth > 3 ? 5 : 7);
  if (kind === 0) return pick(random, hostileNumbers);
  if (kind === 1) return pick(random, hostileTexts);
  if (kind === 2) return random() < 0.5;
  if (kind === 3) return null;
  if (kind === 4) return random() * 1000 - 500;
  const values = Array.from({ length: int(random, 4) }, () => hostileValue(random, depth + 1));
  if (kind === 5) return values;
  const names = ['__proto__', 'constructor', 'prototype', 'length', 'name', 'type', 'id'];
  return Object.fromEntries(values.map((value) => [pick(random, names), value]));
}

/**
 * A copy of a JSON value in which some values are replaced, removed or repeated. It may have own properties named
 * `__proto__`, which attempt prototype pollution.
 */
export function mutateJson(random: Random, value: unknown, changes = 1 + int(random, 3)): unknown {
  const copy = cloneJson(value);
  for (let i = 0; i < changes; i++) {
    const places: [Record<string, unknown> | unknown[], string | number][] = [];
    const visit = (node: unknown) => {
      if (typeof node !== 'object' || node === null) return;
      for (const key of Object.keys(node)) {
        places.push([node as Record<string, unknown>, Array.isArray(node) ? Number(key) : key]);
        visit((node as Record<string, unknown>)[key]);
      }
    };
    visit(copy);
    if (places.length === 0) return hostileValue(random);
    const [owner, key] = pick(random, places);
    const slots = owner as Record<string | number, unknown>;
    const set = (name: string | number, given: unknown) =>
      Object.defineProperty(slots, name, { value: given, enumerable: true, configurable: true, writable: true });
    const action = int(random, 6);
    if (action === 0) delete slots[key];
    else if (action === 1) set(key, pick(random, hostileNumbers));
    else if (action === 2) {
      const [from, name] = pick(random, places);
      set(key, cloneJson((from as Record<string | number, unknown>)[name] ?? null));
    } else if (action === 3 && !Array.isArray(owner)) set('__proto__', { polluted: true, ...Object(slots[key]) });
    else if (action === 4 && Array.isArray(owner)) owner.splice(Number(key), 0, ...owner.slice(0, 1 + int(random, 40)));
    else set(key, hostileValue(random));
  }
  return copy;
}

function cloneJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** A copy of bytes with some changed, truncated, repeated, or replaced by those of another file. */
export function mutateBytes(random: Random, bytes: Uint8Array, other: Uint8Array = bytes): Uint8Array {
  let changed = Uint8Array.from(bytes);
  const times = 1 + int(random, 4);
  for (let i = 0; i < times; i++) {
    const at = int(random, changed.length);
    const action = int(random, 7);
    if (action === 0) changed = changed.slice(0, at);
    else if (action === 1) changed[at] = int(random, 256);
    else if (action === 2) changed[at] = pick(random, [0, 1, 0x7f, 0x80, 0xff]);
    else if (action === 3) changed.fill(pick(random, [0, 0xff]), at, at + 1 + int(random, 64));
    else if (action === 4) {
      const piece = changed.slice(at, at + 1 + int(random, 256));
      changed = Uint8Array.from([...changed.slice(0, at), ...piece, ...changed.slice(at)]);
    } else if (action === 5)
      changed = Uint8Array.from([...changed.slice(0, at), ...other.slice(int(random, other.length))]);
    else if (at + 4 <= changed.length) {
      const view = new DataView(changed.buffer);
      view.setUint32(at, pick(random, [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 65_535]), random() < 0.5);
    }
  }
  return changed;
}

/** A text that is truncated, has parts inserted or repeated, or has numbers replaced by hostile ones. */
export function mutateText(random: Random, text: string): string {
  let changed = text;
  const times = 1 + int(random, 3);
  for (let i = 0; i < times; i++) {
    const at = int(random, changed.length);
    const action = int(random, 5);
    if (action === 0) changed = changed.slice(0, at);
    else if (action === 1) changed = `${changed.slice(0, at)}${pick(random, hostileTexts)}${changed.slice(at)}`;
    else if (action === 2) {
      const end = at + int(random, 400);
      changed = changed.slice(0, at) + changed.slice(at, end).repeat(1 + int(random, 20)) + changed.slice(end);
    } else {
      const numbers = [...changed.matchAll(/-?\d+(\.\d*)?(e-?\d+)?/g)];
      if (numbers.length === 0) continue;
      const { index, 0: number } = pick(random, numbers);
      changed = `${changed.slice(0, index)}${pick(random, hostileNumbers)}${changed.slice(index + number.length)}`;
    }
  }
  return changed;
}

/** The CRC-32 of a PNG chunk. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
