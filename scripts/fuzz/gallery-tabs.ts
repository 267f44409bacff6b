import type { FaceNetError } from '../../lib/core/errors.ts';
import type * as GalleryEntry from '../../lib/gallery/index.ts';
import type { ModelBackup } from './gallery-changes.ts';
import { describeModel, faceOf, galleryRule, keysOf, type Model, ownersOf } from './gallery-model.ts';

type Gallery = GalleryEntry.Gallery;

/** What a sequence runs on: two tabs, which can be killed. */
export interface Tabs {
  /** The Gallery class in a tab. */
  galleryOf(tab: 0 | 1): Promise<typeof GalleryEntry.Gallery>;
  /** Ends a tab at once. Undefined where that is not possible. */
  kill?: (tab: 0 | 1) => Promise<void>;
  /** Lets time pass in both tabs, in milliseconds, without their timers. */
  sleep(milliseconds: number): void;
  /** Makes the disk full, so that no tab can write to the database, or frees it. Undefined where that is not possible. */
  fill?: (isFull: boolean) => void;
  /** Whether changes and locks in one tab reach the other one by messages. */
  messages: boolean;
}

/** A tab, and what the gallery in it must do. */
export interface TabState {
  gallery: Gallery | undefined;
  /** The number of the template key that it was opened with. */
  key: number | undefined;
  locked: boolean;
}

/** A running sequence. */
export interface Sequence {
  tabs: Tabs;
  states: [TabState, TabState];
  model: Model;
  /** Whether the gallery has been created, and has not been erased. */
  exists: boolean;
  /** Whether the disk is full. */
  isFull: boolean;
  backup: ModelBackup | undefined;
  /** The number of entries of the log at the last comparison. */
  logged: number;
  /** How many steps had an effect. */
  effects: number;
  /** The steps so far and their outcomes. */
  history: string[];
}

/** The name of the gallery of every sequence. */
export function galleryName(): string {
  return 'model';
}

/** A tab in which the gallery is not open. */
export function closedTab(): TabState {
  return { gallery: undefined, key: undefined, locked: false };
}

/** @throws {Error} if two values differ. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

/** `done`, `aborted`, or the code of a FaceNetError. @throws any other error. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    const { name, code } = error as FaceNetError;
    if (name === 'FaceNetError') return code;
    if (name === 'AbortError') return 'aborted';
    throw error;
  }
}

/** The option of a call that is aborted after some milliseconds; undefined: never. */
export function signalAfter(after: number | undefined): { signal?: AbortSignal } {
  if (after === undefined) return {};
  const controller = new AbortController();
  setTimeout(() => controller.abort(), after);
  return { signal: controller.signal };
}

/** The settings of a model, as options of Gallery.open. */
export function settingsOf({ settings: { log, lockAfter } }: Model): { log: boolean; lockAfter?: number } {
  return { log, ...(lockAfter && { lockAfter: 30 * 60 * 1000 }) };
}

/** Opens the gallery in a tab with the keys and the settings of a model. */
export async function openIn({ tabs, states }: Sequence, tab: 0 | 1, of: Model): Promise<Gallery> {
  const Opened = await tabs.galleryOf(tab);
  const gallery = await Opened.open({
    name: galleryName(),
    facenet: { rule: galleryRule() },
    ...settingsOf(of),
    ...keysOf(of),
  });
  states[tab] = { gallery, key: of.key, locked: false };
  return gallery;
}

/** Closes the gallery in a tab. */
export async function closeIn({ states }: Sequence, tab: 0 | 1): Promise<void> {
  await states[tab].gallery?.close();
  states[tab] = closedTab();
}

/** Makes the disk full, or frees it. */
export function fillDisk(sequence: Sequence, isFull: boolean): void {
  sequence.tabs.fill?.(isFull);
  sequence.isFull = isFull && sequence.tabs.fill !== undefined;
}

/** The error that every call in a tab must throw; undefined: none. */
export function refusalIn({ states, model }: Pick<Sequence, 'states' | 'model'>, tab: 0 | 1): string | undefined {
  const { gallery, key, locked } = states[tab];
  if (!gallery) return 'closed';
  if (key !== model.key) return 'key-wrong';
  return locked ? 'gallery-locked' : undefined;
}

/** A line for each person, as {@link describeModel} writes them. */
export async function describeGallery(gallery: Gallery): Promise<string[]> {
  const people = await gallery.list();
  return people
    .map(
      (person) =>
        `${person.name} ${person.faces
          .map(({ id, hasCrop }) => `${id} ${hasCrop}`)
          .sort()
          .join(' ')}`,
    )
    .sort();
}

/** Compares names, templates, crops and the answers to every face. @throws {Error} if anything differs. */
export async function compareAll(gallery: Gallery, of: Model): Promise<void> {
  expectEqual(await describeGallery(gallery), describeModel(of), 'The people differ');
  for (const { id, crop } of of.templates) {
    if (crop !== undefined) expectEqual(await (await gallery.crop(id))?.text(), crop, 'A crop differs');
  }
  for (let person = 0; person < 5; person++) await compareIdentity(gallery, of, person);
}

/** Compares the answer to one face. @throws {Error} if it differs. */
export async function compareIdentity(gallery: Gallery, of: Model, person: number): Promise<void> {
  const owners = ownersOf(of, person);
  const { match } = await gallery.identify(faceOf(person, 0));
  if (match ? owners.has(match.person.id) : owners.size === 0) return;
  throw new Error(`Face ${person} was identified as ${match?.person.id}`);
}

/** For definePageFunctions. */
export const galleryTabFunctions = {
  ...{ galleryName, closedTab, expectEqual, outcomeOf, signalAfter, settingsOf, openIn, closeIn, fillDisk, refusalIn },
  ...{ describeGallery, compareAll, compareIdentity },
};
