import { damaged } from '../../errors.ts';
import type { ByteReader } from './byte-reader.ts';
import type { Environment, PickleMap, PickleValue } from './pickle.ts';

/** The state of a pickle that is read. */
export interface PickleMachine {
  reader: ByteReader;
  environment: Environment;
  stack: PickleValue[];
  /** The heights of the stack at its marks. */
  marks: number[];
  memo: Map<number, PickleValue>;
}

type Operation = (machine: PickleMachine) => void;

function pop({ stack }: PickleMachine): PickleValue {
  if (stack.length === 0) throw damaged('A pickle in the file takes a value from an empty stack');
  return stack.pop();
}

function top({ stack }: PickleMachine): PickleValue {
  if (stack.length === 0) throw damaged('A pickle in the file reads an empty stack');
  return stack.at(-1);
}

/** The values above the last mark. */
function popMarked({ stack, marks }: PickleMachine): PickleValue[] {
  const mark = marks.pop();
  if (mark === undefined || mark > stack.length) throw damaged('A pickle in the file has no mark');
  return stack.splice(mark);
}

/** Pushes a value that the reader gives. */
const push =
  (read: (reader: ByteReader) => PickleValue): Operation =>
  ({ reader, stack }) => {
    stack.push(read(reader));
  };

/** Pushes a tuple of the last values. */
const tuple =
  (count: number): Operation =>
  (machine) => {
    const values = Array.from({ length: count }, () => pop(machine)).reverse();
    machine.stack.push(values);
  };

const remember =
  (index: (machine: PickleMachine) => number): Operation =>
  (machine) => {
    machine.memo.set(index(machine), top(machine));
  };

const recall =
  (index: (reader: ByteReader) => number): Operation =>
  ({ reader, stack, memo }) => {
    const key = index(reader);
    if (!memo.has(key)) throw damaged('A pickle in the file recalls a value that it has not stored');
    stack.push(memo.get(key));
  };

/** Calls a global, or makes an instance of it. */
const call: Operation = (machine) => {
  const args = pop(machine);
  const callee = pop(machine);
  if (!Array.isArray(args)) throw damaged('A pickle in the file calls a function without a tuple of arguments');
  machine.stack.push(machine.environment.call(callee, args));
};

/** Sets the state of an instance: the entries of a dictionary. Other state is ignored. */
const build: Operation = (machine) => {
  const state = pop(machine);
  const target = top(machine);
  if (target instanceof Map && state instanceof Map) for (const [key, value] of state) target.set(key, value);
};

function entriesInto(target: PickleValue, values: readonly PickleValue[]): void {
  if (!(target instanceof Map) || values.length % 2 !== 0)
    throw damaged('A pickle in the file sets items of no dictionary');
  for (let i = 0; i < values.length; i += 2) target.set(values[i], values[i + 1]);
}

function appendTo(target: PickleValue, values: readonly PickleValue[]): void {
  if (!Array.isArray(target)) throw damaged('A pickle in the file appends to no list');
  for (const value of values) target.push(value);
}

/** A little-endian integer in two's complement, exact up to 2⁵³. */
function longOf(bytes: Uint8Array): number {
  const magnitude = bytes.reduceRight((total, byte) => total * 256 + byte, 0);
  return (bytes.at(-1) ?? 0) >= 0x80 ? magnitude - 256 ** bytes.length : magnitude;
}

const namedGlobal: Operation = ({ reader, environment, stack }) => {
  const module = reader.line();
  stack.push(environment.global({ module, name: reader.line() }));
};

const stackedGlobal: Operation = (machine) => {
  const [name, module] = [pop(machine), pop(machine)];
  machine.stack.push(machine.environment.global({ module: String(module), name: String(name) }));
};

/** The operations by their code, in the order of CPython's Lib/pickle.py. */
export const opcodes: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x80, ({ reader }) => void reader.byte()], // PROTO
  [0x95, ({ reader }) => void reader.bytes(8)], // FRAME
  [0x28, ({ stack, marks }) => void marks.push(stack.length)], // MARK
  [0x30, (machine) => void pop(machine)], // POP
  [0x31, (machine) => void popMarked(machine)], // POP_MARK
  [0x4e, push(() => undefined)], // NONE
  [0x88, push(() => true)], // NEWTRUE
  [0x89, push(() => false)], // NEWFALSE
  [0x4b, push((reader) => reader.byte())], // BININT1
  [0x4d, push((reader) => reader.short())], // BININT2
  [0x4a, push((reader) => reader.int())], // BININT
  [0x8a, push((reader) => longOf(reader.bytes(reader.byte())))], // LONG1
  [0x47, push((reader) => reader.bigEndianDouble())], // BINFLOAT
  [0x55, push((reader) => reader.text(reader.byte()))], // SHORT_BINSTRING
  [0x54, push((reader) => reader.text(reader.int()))], // BINSTRING
  [0x8c, push((reader) => reader.text(reader.byte()))], // SHORT_BINUNICODE
  [0x58, push((reader) => reader.text(reader.unsigned()))], // BINUNICODE
  [0x8d, push((reader) => reader.text(reader.long()))], // BINUNICODE8
  [0x43, push((reader) => reader.bytes(reader.byte()))], // SHORT_BINBYTES
  [0x42, push((reader) => reader.bytes(reader.unsigned()))], // BINBYTES
  [0x29, push(() => [])], // EMPTY_TUPLE
  [0x5d, push(() => [])], // EMPTY_LIST
  [0x7d, push((): PickleMap => new Map())], // EMPTY_DICT
  [0x85, tuple(1)],
  [0x86, tuple(2)],
  [0x87, tuple(3)],
  [0x74, (machine) => void machine.stack.push(popMarked(machine))], // TUPLE
  [0x6c, (machine) => void machine.stack.push(popMarked(machine))], // LIST
  [0x64, makeDictionary], // DICT
  [0x61, (machine) => appendTo(machine.stack.at(-2), [pop(machine)])], // APPEND
  [0x65, (machine) => appendMarked(machine)], // APPENDS
  [0x73, setItem], // SETITEM
  [0x75, setItems], // SETITEMS
  [0x71, remember(({ reader }) => reader.byte())], // BINPUT
  [0x72, remember(({ reader }) => reader.unsigned())], // LONG_BINPUT
  [0x94, remember(({ memo }) => memo.size)], // MEMOIZE
  [0x68, recall((reader) => reader.byte())], // BINGET
  [0x6a, recall((reader) => reader.unsigned())], // LONG_BINGET
  [0x63, namedGlobal], // GLOBAL
  [0x93, stackedGlobal], // STACK_GLOBAL
  [0x52, call], // REDUCE
  [0x81, call], // NEWOBJ
  [0x62, build], // BUILD
  [0x51, (machine) => void machine.stack.push(machine.environment.persistent(pop(machine)))], // BINPERSID
]);

function makeDictionary(machine: PickleMachine): void {
  const dictionary: PickleMap = new Map();
  entriesInto(dictionary, popMarked(machine));
  machine.stack.push(dictionary);
}

function appendMarked(machine: PickleMachine): void {
  const values = popMarked(machine);
  appendTo(top(machine), values);
}

function setItem(machine: PickleMachine): void {
  const [value, key] = [pop(machine), pop(machine)];
  entriesInto(top(machine), [key, value]);
}

function setItems(machine: PickleMachine): void {
  const values = popMarked(machine);
  entriesInto(top(machine), values);
}
