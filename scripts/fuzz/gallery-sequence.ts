import type { Gallery } from '../../lib/gallery/index.ts';
import { changeOf, galleryChangeFunctions, type ModelChange } from './gallery-changes.ts';
import { galleryKillFunctions, killDuringChange } from './gallery-kill.ts';
import { copyModel, describeModel, emptyModel, galleryModelFunctions, removeExpired } from './gallery-model.ts';
import type { Operation } from './gallery-operations.ts';
import {
  changeKeysInBoth,
  enrolInBoth,
  enrolStranger,
  eraseBesideChange,
  eraseIn,
  galleryStepFunctions,
  lockIn,
  openWrongly,
  sleepInBoth,
  unlockIn,
} from './gallery-steps.ts';
import {
  closedTab,
  closeIn,
  compareAll,
  compareIdentity,
  describeGallery,
  expectEqual,
  fillDisk,
  galleryTabFunctions,
  openIn,
  outcomeOf,
  refusalIn,
  type Sequence,
  signalAfter,
  type Tabs,
} from './gallery-tabs.ts';

/**
 * Runs a sequence of steps on a gallery and on a plain model of it, and compares both after every step. It runs in Node, and
 * in pages: they get it and everything that it calls as text.
 *
 * @returns how many steps had an effect.
 * @throws {Error} if the gallery differs from the model.
 */
export async function runOperations(tabs: Tabs, operations: readonly Operation[]): Promise<number> {
  const states: Sequence['states'] = [closedTab(), closedTab()];
  const nothing = {
    model: emptyModel(),
    exists: false,
    isFull: false,
    backup: undefined,
    logged: 0,
    effects: 0,
    history: [],
  };
  const sequence: Sequence = { tabs, states, ...nothing };
  try {
    for (const operation of operations) {
      sequence.history.push(`${operation.kind} in ${operation.tab}`);
      await runStep(sequence, operation);
      await compareTabs(sequence);
    }
    for (const tab of [0, 1] as const) await closeIn(sequence, tab);
    fillDisk(sequence, false);
    if (!sequence.exists) return sequence.effects;
    const last = await openIn(sequence, 0, sequence.model);
    await compareAll(last, sequence.model);
    await last.erase();
    return sequence.effects;
  } catch (error) {
    throw new Error(`${(error as Error).message} after ${sequence.history.join(', ')}`, { cause: error });
  }
}

/** Compares what each tab lists with the model. @throws {Error} if it differs. */
export async function compareTabs(sequence: Sequence): Promise<void> {
  for (const tab of [0, 1] as const) {
    const { gallery } = sequence.states[tab];
    if (!gallery) continue;
    const code = await outcomeOf(gallery.list());
    expectEqual(code, refusalIn(sequence, tab) ?? 'done', `list() in ${tab}`);
    if (code !== 'done') continue;
    expectEqual(await describeGallery(gallery), describeModel(sequence.model), `The people in ${tab} differ`);
    // It throws for a broken chain.
    const { length } = await gallery.log();
    if (length < sequence.logged) throw new Error(`The log lost entries: ${length} of ${sequence.logged}`);
    const { settings, people } = sequence.model;
    // The first event starts the log.
    if (settings.log ? people.size > 0 && length === 0 : length > 0) throw new Error(`The log has ${length} entries`);
    sequence.logged = length;
  }
}

/** Runs one step. */
export async function runStep(sequence: Sequence, operation: Operation): Promise<void> {
  const { states, model } = sequence;
  const { kind, tab } = operation;
  if (kind === 'settings') {
    if (operation.settings) model.settings = operation.settings;
    return;
  }
  if (kind === 'sleep') return sleepInBoth(sequence);
  if (kind === 'open-wrong') return openWrongly(sequence, tab);
  if (kind === 'close') return closeIn(sequence, tab);
  if (kind === 'fill-disk' || kind === 'free-disk') return fillDisk(sequence, kind === 'fill-disk' && sequence.exists);
  if (sequence.isFull && !isTriedOnFullDisk(kind)) return;
  // All other steps need an open gallery.
  if (!states[tab].gallery) {
    await openIn(sequence, tab, model);
    sequence.exists = true;
  }
  const gallery = states[tab].gallery as Gallery;
  if (kind === 'kill') return killDuringChange(sequence, operation);
  if (kind === 'lock') return lockIn(sequence, tab, gallery);
  if (kind === 'unlock') return unlockIn(sequence, operation, gallery);
  if (kind === 'erase') return eraseIn(sequence, operation, gallery);
  if (kind === 'erase-beside-change') return eraseBesideChange(sequence, operation, gallery);
  if (kind === 'enrol-stranger') return enrolStranger(sequence, operation, gallery);
  if (kind === 'both-enrol') return enrolInBoth(sequence, operation);
  if (kind === 'both-change-keys') return changeKeysInBoth(sequence, operation);
  if (kind === 'identify' && !refusalIn(sequence, tab)) return compareIdentity(gallery, model, operation.person);
  if (kind === 'export' && !refusalIn(sequence, tab)) {
    const file = await gallery.export({ passphrase: 'file' });
    // A Blob of a tab that is killed cannot be read.
    sequence.backup = { file: new Blob([file]), model: copyModel(model) };
  }
  const change = changeOf(operation, model, sequence.backup);
  if (change) await runChange(sequence, operation, change);
}

/** Whether a step is tried on a full disk. The others write, and are no single call of the gallery that could be refused as a whole. */
export function isTriedOnFullDisk(kind: Operation['kind']): boolean {
  const skipped = [
    'erase-beside-change',
    'enrol-stranger',
    'both-enrol',
    'both-change-keys',
    'identify',
    'export',
    'import',
  ];
  return !skipped.includes(kind);
}

/** Runs a change, which may be aborted, and applies it to the model if it succeeded. */
export async function runChange(
  sequence: Sequence,
  { kind, tab, after }: Operation,
  change: ModelChange,
): Promise<void> {
  const { states, model, history } = sequence;
  const isRefused = sequence.isFull && kind !== 'remove' && kind !== 'remove-template';
  const expected = refusalIn(sequence, tab) ?? change.refused ?? (isRefused ? 'storage-full' : 'done');
  const { signal } = signalAfter(after);
  let result: unknown;
  const outcome = await outcomeOf(
    change.call(states[tab].gallery as Gallery, signal).then((value) => {
      result = value;
    }),
  );
  history.push(outcome);
  if (after !== undefined && outcome === 'aborted') return;
  expectEqual(outcome, expected, 'The outcome differs');
  if (outcome !== 'done') return;
  change.apply(model, result);
  removeExpired(model);
  states[tab].key = model.key;
  // The other tab does not have the new data key.
  if (change.replacesKey) states[(1 - tab) as 0 | 1].locked = true;
  sequence.effects++;
}

/** {@link runOperations} and everything that it calls, for definePageFunctions. */
export const gallerySequenceFunctions = {
  ...{ runOperations, compareTabs, runStep, isTriedOnFullDisk, runChange },
  ...galleryModelFunctions,
  ...galleryChangeFunctions,
  ...galleryTabFunctions,
  ...galleryStepFunctions,
  ...galleryKillFunctions,
};
