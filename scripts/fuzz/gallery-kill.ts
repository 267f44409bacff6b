import type { Gallery } from '../../lib/gallery/index.ts';
import { changeOf, type ModelChange } from './gallery-changes.ts';
import { copyModel, describeModel, erasedModel, type Model, removeExpired } from './gallery-model.ts';
import type { Operation } from './gallery-operations.ts';
import {
  closedTab,
  closeIn,
  compareAll,
  describeGallery,
  fillDisk,
  openIn,
  outcomeOf,
  refusalIn,
  type Sequence,
} from './gallery-tabs.ts';

/** Kills a tab during a change, and finds out whether the change was stored. */
export async function killDuringChange(sequence: Sequence, operation: Operation): Promise<void> {
  const { tabs, states, history, model: before } = sequence;
  const { tab, person, other, variant } = operation;
  if (!tabs.kill) return;
  const { gallery } = states[tab];
  const whileFull = ['remove', 'remove-template'] as const;
  const kinds = sequence.isFull
    ? whileFull
    : [
        ...(['enrol', 'protect', 'rekey', 'reissue', 'change-passphrase', 'merge', 'remove', 'import'] as const),
        ...(['rename', 'erase'] as const),
      ];
  const kind = kinds[(person + other + variant) % kinds.length] ?? 'enrol';
  if (kind === 'erase') return killDuringErase(sequence, operation);
  const change = changeOf({ ...operation, kind }, before, sequence.backup);
  history.push(kind);
  const runs = gallery && change && !refusalIn(sequence, tab) && !change.refused;
  if (runs) void change.call(gallery, undefined).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, operation.after ?? 5));
  await tabs.kill(tab);
  states[tab] = closedTab();
  if (!runs) return;
  sequence.effects++;
  await closeIn(sequence, (1 - tab) as 0 | 1);
  const after = copyModel(before);
  if (kind !== 'enrol') change.apply(after, undefined);
  removeExpired(after);
  const [reopened, keys] = await openWithEither(sequence, tab, [after, before]);
  if (kind === 'enrol') await applyEnrolment(reopened, change, after);
  const sameKeys = before.passphrase === after.passphrase && before.key === after.key;
  const isAfter = JSON.stringify(await describeGallery(reopened)) === JSON.stringify(describeModel(after));
  sequence.model = sameKeys ? (isAfter ? after : before) : keys;
  // An identification is logged.
  fillDisk(sequence, false);
  await compareAll(reopened, sequence.model);
}

/** Kills a tab while it erases the gallery: then everything is left, or nothing. */
export async function killDuringErase(sequence: Sequence, { tab, after }: Operation): Promise<void> {
  const { tabs, states, history, model } = sequence;
  history.push('erase');
  void states[tab].gallery?.erase().catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, after ?? 5));
  await tabs.kill?.(tab);
  states[tab] = closedTab();
  await closeIn(sequence, (1 - tab) as 0 | 1);
  sequence.effects++;
  // Creates the gallery anew, with the same keys, if it was erased.
  const reopened = await openIn(sequence, tab, model);
  const erased = (await reopened.list()).length === 0;
  if (erased) {
    const { passphrase, key } = model;
    sequence.model = { ...erasedModel(model), passphrase, key };
    sequence.logged = 0;
  }
  await compareAll(reopened, sequence.model);
}

/** Applies an enrolment whose ids are unknown, if the gallery has a template that the model does not have. */
export async function applyEnrolment(gallery: Gallery, change: ModelChange, to: Model): Promise<void> {
  const known = new Set(to.templates.map(({ id }) => id));
  const made = (await gallery.list()).flatMap((person) => person.faces.map((face) => ({ person, face })));
  const stored = made.find(({ face }) => !known.has(face.id));
  if (stored) change.apply(to, { enrolled: true, ...stored });
}

/** Opens the gallery with the keys of the first model that it has. */
export async function openWithEither(
  sequence: Sequence,
  tab: 0 | 1,
  models: readonly Model[],
): Promise<[Gallery, Model]> {
  const codes: string[] = [];
  for (const each of models) {
    let opened: Gallery | undefined;
    const code = await outcomeOf(
      openIn(sequence, tab, each).then((gallery) => {
        opened = gallery;
      }),
    );
    if (opened) return [opened, each];
    codes.push(code);
  }
  throw new Error(`The gallery opens with none of the keys: ${codes.join(', ')}`);
}

/** For definePageFunctions. */
export const galleryKillFunctions = { killDuringChange, killDuringErase, applyEnrolment, openWithEither };
