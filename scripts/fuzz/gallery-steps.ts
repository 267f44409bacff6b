import type { Gallery } from '../../lib/gallery/index.ts';
import { enrolmentOf, keyChangeOf } from './gallery-changes.ts';
import { copyModel, erasedModel, faceOf, idOf, keysOf, type Model, ownersOf, removeExpired } from './gallery-model.ts';
import type { Operation } from './gallery-operations.ts';
import {
  closedTab,
  closeIn,
  expectEqual,
  fillDisk,
  galleryName,
  outcomeOf,
  refusalIn,
  type Sequence,
  signalAfter,
} from './gallery-tabs.ts';

/** Opens the gallery with a wrong passphrase in a tab where it is closed. */
export async function openWrongly({ tabs, states, model }: Sequence, tab: 0 | 1): Promise<void> {
  if (states[tab].gallery || model.passphrase === undefined) return;
  const options = { name: galleryName(), ...keysOf(model), passphrase: 'wrong' };
  expectEqual(await outcomeOf((await tabs.galleryOf(tab)).open(options)), 'key-wrong', 'Opening');
}

/** Locks the gallery in a tab, and waits until the other tab is locked too. */
export async function lockIn({ tabs, states, model }: Sequence, tab: 0 | 1, gallery: Gallery): Promise<void> {
  const isPlain = model.passphrase === undefined;
  expectEqual(await outcomeOf(gallery.lock()), isPlain ? 'option-invalid' : 'done', 'Locking');
  if (isPlain) return;
  states[tab].locked = true;
  const other = states[(1 - tab) as 0 | 1];
  if (!tabs.messages || !other.gallery) return;
  for (let i = 0; i < 200 && !other.gallery.locked; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  if (!other.gallery.locked) throw new Error('The other tab was not locked');
  other.locked = true;
}

/** Unlocks the gallery in a tab with its passphrase. A call that is aborted or refused must not unlock it. */
export async function unlockIn(sequence: Sequence, { tab, after }: Operation, gallery: Gallery): Promise<void> {
  const { states, model, history } = sequence;
  const { passphrase, key } = model;
  const expected = passphrase === undefined ? 'option-invalid' : states[tab].key === key ? 'done' : 'key-wrong';
  const wasLocked = gallery.locked;
  const outcome = await outcomeOf(gallery.unlock(passphrase ?? 'none', signalAfter(after)));
  history.push(outcome);
  if (outcome === 'done') states[tab].locked = false;
  else if (wasLocked) expectEqual(gallery.locked, true, 'Locked after a call of unlock() that failed');
  if (after === undefined || outcome !== 'aborted') expectEqual(outcome, expected, 'Unlocking');
}

/** Erases the gallery: through the open one in a tab, or by its name. */
export async function eraseIn(sequence: Sequence, { tab, variant }: Operation, gallery: Gallery): Promise<void> {
  const { tabs } = sequence;
  if (!tabs.messages) await closeIn(sequence, (1 - tab) as 0 | 1);
  if (variant === 0 && tabs.messages) await (await tabs.galleryOf(tab)).erase(galleryName());
  else await gallery.erase();
  await afterErase(sequence);
}

/** Changes the keys in a tab while the gallery is erased: in the other tab where messages reach it, otherwise in the same one. */
export async function eraseBesideChange(sequence: Sequence, operation: Operation, gallery: Gallery): Promise<void> {
  const { tabs, model, history } = sequence;
  const { tab, person, after = 0 } = operation;
  const other = (1 - tab) as 0 | 1;
  if (!tabs.messages) await closeIn(sequence, other);
  const kind = keyChangeKinds()[person % 4] ?? 'rekey';
  const change = keyChangeOf({ ...operation, kind }, model);
  const Erasing = tabs.messages ? await tabs.galleryOf(other) : undefined;
  const changing = outcomeOf(change?.call(gallery, undefined) ?? Promise.resolve());
  await new Promise((resolve) => setTimeout(resolve, after));
  await (Erasing ? Erasing.erase(galleryName()) : gallery.erase());
  const outcome = await changing;
  history.push(`${kind}: ${outcome}`);
  // The erase can come first.
  if (outcome !== 'disposed') expectEqual(outcome, refusalIn(sequence, tab) ?? change?.refused ?? 'done', 'The change');
  await afterErase(sequence);
}

/** Checks that an erased gallery answers in no tab, and goes on with closed tabs. */
export async function afterErase(sequence: Sequence): Promise<void> {
  const { states } = sequence;
  for (const each of [0, 1] as const) {
    const open = states[each].gallery;
    if (open) expectEqual(await outcomeOf(open.list()), 'disposed', 'An erased gallery answered');
    states[each] = closedTab();
  }
  sequence.model = erasedModel(sequence.model);
  sequence.logged = 0;
  sequence.exists = false;
  // A new gallery needs space.
  fillDisk(sequence, false);
}

/** Lets an hour pass: idle galleries lock, and people expire. */
export async function sleepInBoth({ tabs, states, model }: Sequence): Promise<void> {
  // A change whose call was aborted may still run. It would defer the lock.
  await Promise.all(states.map(({ gallery }) => gallery && outcomeOf(gallery.expire())));
  const hour = 60 * 60 * 1000;
  tabs.sleep(hour);
  model.slept += hour;
  removeExpired(model);
  if (!model.settings.lockAfter || model.passphrase === undefined) return;
  for (const state of states) if (state.gallery) state.locked = true;
}

/** Enrols a face that is not the person's. */
export async function enrolStranger(
  sequence: Sequence,
  { tab, person, other, variant }: Operation,
  gallery: Gallery,
): Promise<void> {
  const { model } = sequence;
  const id = idOf(model, person);
  const own = model.templates.filter((template) => template.person === id);
  if (refusalIn(sequence, tab) || !id || own.length === 0 || own.some((template) => template.face === other)) return;
  const result = await gallery.enrol({ id }, faceOf(other, variant));
  const kinds = result.enrolled ? [] : result.reasons.map(({ kind }) => kind);
  if (!kinds.includes('not-this-person')) throw new Error(`A stranger was enrolled: ${kinds.join(', ')}`);
  expectEqual(kinds.includes('other-person'), ownersOf(model, other).size > 0, 'The stranger is another person');
}

/** Enrols one person in each tab, at the same time. */
export async function enrolInBoth(sequence: Sequence, operation: Operation): Promise<void> {
  const { model, states } = sequence;
  const [one, two] = [enrolmentOf(operation, model), enrolmentOf({ ...operation, person: operation.other }, model)];
  if (!one || !two || operation.person === operation.other || one.refused || two.refused) return;
  if (refusalIn(sequence, 0) || refusalIn(sequence, 1)) return;
  const [a, b] = states as [{ gallery: Gallery }, { gallery: Gallery }];
  const results = await Promise.all([one.call(a.gallery, undefined), two.call(b.gallery, undefined)]);
  one.apply(model, results[0]);
  two.apply(model, results[1]);
  sequence.effects++;
}

/** The steps that change the keys. A function, because pages get functions as text. */
export function keyChangeKinds() {
  return ['protect', 'rekey', 'change-passphrase', 'reissue'] as const;
}

/** Changes the keys in both tabs, at the same time. Either change can be the first; the second one may be refused after it. */
export async function changeKeysInBoth(sequence: Sequence, operation: Operation): Promise<void> {
  const { model, states } = sequence;
  if (refusalIn(sequence, 0) || refusalIn(sequence, 1)) return;
  const kinds = keyChangeKinds();
  const operations = ([0, 1] as const).map((tab) => {
    const number = tab === 0 ? operation.person : operation.other;
    const kind = kinds[number % kinds.length] ?? 'rekey';
    return { ...operation, tab, kind, variant: (operation.variant + tab) % 3 };
  });
  const outcomes = await Promise.all(
    operations.map((each) =>
      outcomeOf(keyChangeOf(each, model)?.call(states[each.tab].gallery as Gallery, undefined) ?? Promise.resolve()),
    ),
  );
  sequence.history.push(...operations.map(({ kind }, tab) => `${kind} in ${tab}: ${outcomes[tab]}`));
  const orders = [operations, [...operations].reverse()].map((order) => afterKeyChanges(sequence, order));
  const found = orders.find(({ codes }) => codes[0] === outcomes[0] && codes[1] === outcomes[1]);
  if (!found)
    throw new Error(`Two changes of the keys gave ${outcomes}, instead of ${orders.map(({ codes }) => codes)}`);
  sequence.model = found.model;
  sequence.states = found.states;
  sequence.effects++;
}

/** The outcomes of changes of the keys one after another, by tab, and the model and the tabs after them. */
export function afterKeyChanges(
  { states, model }: Sequence,
  operations: readonly Operation[],
): { codes: string[]; model: Model; states: Sequence['states'] } {
  const after = { states: [{ ...states[0] }, { ...states[1] }] as Sequence['states'], model: copyModel(model) };
  const codes: string[] = [];
  for (const operation of operations) {
    const { tab, kind } = operation;
    const change = keyChangeOf(operation, after.model);
    // The call states the passphrase from before both changes.
    const isOutdated = kind === 'change-passphrase' && model.passphrase !== after.model.passphrase;
    codes[tab] = refusalIn(after, tab) ?? change?.refused ?? (isOutdated ? 'key-wrong' : undefined) ?? 'done';
    if (codes[tab] !== 'done' || !change) continue;
    change.apply(after.model, undefined);
    after.states[tab].key = after.model.key;
    if (change.replacesKey) after.states[(1 - tab) as 0 | 1].locked = true;
  }
  return { codes, ...after };
}

/** For definePageFunctions. */
export const galleryStepFunctions = {
  ...{
    openWrongly,
    lockIn,
    unlockIn,
    eraseIn,
    eraseBesideChange,
    afterErase,
    keyChangeKinds,
    sleepInBoth,
    enrolStranger,
    enrolInBoth,
    changeKeysInBoth,
    afterKeyChanges,
  },
};
