import { PickleReader } from './pickle-reader.ts';

/** Stands for Python's `_codecs.encode`: the only global that a pickle may name. It is never called. */
const codecsEncode = Symbol('_codecs.encode');
const mark = Symbol('mark');

/** A value of a pickle. Lists and tuples are arrays; a string is only an argument of `_codecs.encode`. */
export type PickleValue = boolean | number | string | Uint8Array | typeof codecsEncode | PickleValue[];

type StackItem = PickleValue | typeof mark;

/** The state of the pickle machine. */
interface Machine {
  reader: PickleReader;
  stack: StackItem[];
  memo: Map<number, PickleValue>;
}

/**
 * Reads a pickle of bytes, booleans, integers, lists and tuples, of protocol 2 to 5. It constructs nothing else and runs
 * no code: globals are refused, except `_codecs.encode`, which Python 3 writes for bytes in protocol 2.
 * (CPython, Lib/pickletools.py)
 *
 * @returns bytes are views of the file.
 * @throws {SyntaxError} for any other pickle, and for a damaged one.
 */
export function readPickle(bytes: Uint8Array): PickleValue {
  const machine: Machine = { reader: new PickleReader(bytes), stack: [], memo: new Map() };
  const { reader } = machine;
  if (reader.uint8() !== 0x80) throw reader.error('this is not a pickle of protocol 2 to 5');
  const protocol = reader.uint8();
  if (protocol < 2 || protocol > 5) throw reader.error(`protocol ${protocol} is not supported, only 2 to 5`);
  for (;;) {
    const code = reader.uint8();
    if (code === stop) return result(machine);
    const run = operations[code];
    if (!run) throw reader.error(`the opcode ${refusedNames[code] ?? `0x${code.toString(16)}`} is not allowed`);
    run(machine);
  }
}

const stop = 0x2e;

function result(machine: Machine): PickleValue {
  const value = pop(machine);
  if (machine.stack.length > 0) throw machine.reader.error('values are left over at its end');
  return value;
}

function pop({ stack, reader }: Machine): PickleValue {
  const value = stack.pop();
  if (value === undefined || value === mark) throw reader.error('a value is missing on the stack');
  return value as PickleValue;
}

function popMany(machine: Machine, count: number): PickleValue[] {
  return Array.from({ length: count }, () => pop(machine)).reverse();
}

function popToMark({ stack, reader }: Machine): PickleValue[] {
  const start = stack.lastIndexOf(mark);
  if (start < 0) throw reader.error('a mark is missing on the stack');
  return stack.splice(start).slice(1) as PickleValue[];
}

function append(machine: Machine, values: readonly PickleValue[]): void {
  const list = machine.stack.at(-1);
  if (!Array.isArray(list)) throw machine.reader.error('it appends to a value that is not a list');
  for (const value of values) list.push(value);
}

function memoize(machine: Machine, index: number): void {
  const value = pop(machine);
  machine.memo.set(index, value);
  machine.stack.push(value);
}

function recall({ memo, stack, reader }: Machine, index: number): void {
  const value = memo.get(index);
  if (value === undefined) throw reader.error(`the memo has no entry ${index}`);
  stack.push(value);
}

function pushGlobal({ stack, reader }: Machine, module: PickleValue, name: PickleValue): void {
  if (module !== '_codecs' || name !== 'encode') {
    throw reader.error(`the global ${String(module)}.${String(name)} is not allowed`);
  }
  stack.push(codecsEncode);
}

/** Evaluates `_codecs.encode(text, 'latin1')`, by which Python 3 writes bytes in protocol 2. */
function reduce(machine: Machine): void {
  const [callable, given] = popMany(machine, 2);
  const [text, encoding] = Array.isArray(given) ? given : [];
  if (callable !== codecsEncode || typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) {
    throw machine.reader.error('the opcode REDUCE is allowed only for _codecs.encode(text, "latin1")');
  }
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.toString('latin1') !== text) throw machine.reader.error('a text has characters beyond Latin-1');
  machine.stack.push(bytes);
}

const push = (read: (reader: PickleReader) => PickleValue) => (machine: Machine) => {
  machine.stack.push(read(machine.reader));
};
const tuple = (count: number) => (machine: Machine) => void machine.stack.push(popMany(machine, count));
const sequence = (machine: Machine) => void machine.stack.push(popToMark(machine));

/** The allowed opcodes. */
const operations: Record<number, (machine: Machine) => void> = {
  40: ({ stack }) => void stack.push(mark), // MARK
  41: push(() => []), // EMPTY_TUPLE
  66: push((reader) => reader.bytes(reader.uint32())), // BINBYTES
  67: push((reader) => reader.bytes(reader.uint8())), // SHORT_BINBYTES
  74: push((reader) => reader.int32()), // BININT
  75: push((reader) => reader.uint8()), // BININT1
  77: push((reader) => reader.uint16()), // BININT2
  82: reduce, // REDUCE
  84: push((reader) => reader.bytes(reader.uint32())), // BINSTRING: the bytes of Python 2
  85: push((reader) => reader.bytes(reader.uint8())), // SHORT_BINSTRING
  88: push((reader) => reader.text(reader.uint32())), // BINUNICODE
  93: push(() => []), // EMPTY_LIST
  97: (machine) => append(machine, [pop(machine)]), // APPEND
  99: (machine) => pushGlobal(machine, machine.reader.line(), machine.reader.line()), // GLOBAL
  101: (machine) => append(machine, popToMark(machine)), // APPENDS
  104: (machine) => recall(machine, machine.reader.uint8()), // BINGET
  106: (machine) => recall(machine, machine.reader.uint32()), // LONG_BINGET
  108: sequence, // LIST
  113: (machine) => memoize(machine, machine.reader.uint8()), // BINPUT
  114: (machine) => memoize(machine, machine.reader.uint32()), // LONG_BINPUT
  116: sequence, // TUPLE
  133: tuple(1), // TUPLE1
  134: tuple(2), // TUPLE2
  135: tuple(3), // TUPLE3
  136: push(() => true), // NEWTRUE
  137: push(() => false), // NEWFALSE
  140: push((reader) => reader.text(reader.uint8())), // SHORT_BINUNICODE
  142: push((reader) => reader.bytes(reader.uint64())), // BINBYTES8
  147: (machine) => {
    const [module, name] = popMany(machine, 2) as [PickleValue, PickleValue];
    pushGlobal(machine, module, name);
  }, // STACK_GLOBAL
  148: (machine) => memoize(machine, machine.memo.size), // MEMOIZE
  149: ({ reader }) => reader.requireBytes(reader.uint64()), // FRAME
};

/** The names of refused opcodes that create objects, for the error message. */
const refusedNames: Record<number, string> = {
  80: 'PERSID',
  81: 'BINPERSID',
  98: 'BUILD',
  100: 'DICT',
  105: 'INST',
  111: 'OBJ',
  125: 'EMPTY_DICT',
  129: 'NEWOBJ',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  146: 'NEWOBJ_EX',
};
