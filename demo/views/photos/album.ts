import { batch, computed, signal } from '@preact/signals';
import type { Library, LibraryFile, LibraryPerson, LibraryPhoto, NameSuggestion, Question } from 'facenet-web/library';
import { galleryState } from '../../app/gallery.ts';
import { openedLibrary } from '../../app/library.ts';

/** The state of the queue. `stopped` means by the user or by an error; it can be resumed. */
export type Phase = 'empty' | 'running' | 'stopped' | 'done';

/** The state of the queue. */
export const phase = signal<Phase>('empty');

/** The numbers of files that are indexed, that failed, and of all; and the number of faces. */
export const progress = signal({ done: 0, failed: 0, total: 0, faces: 0 });

/** The estimated time for the remaining files, in milliseconds. Undefined without an estimate. */
export const timeLeft = signal<number | undefined>(undefined);

/** How many faces were embedded again by a new model, and of how many. Undefined if that is not going on. */
export const updatedFaces = signal<{ done: number; total: number } | undefined>(undefined);

/** The error that stopped the queue. */
export const queueError = signal<unknown>(undefined);

/** The people, those with the most faces first. */
export const people = signal<readonly LibraryPerson[]>([]);

/** The people that the user has hidden. */
export const hiddenPeople = signal<readonly LibraryPerson[]>([]);

/** Who people without a name may be, by the number of the person. */
export const suggestions = signal<ReadonlyMap<number, NameSuggestion>>(new Map());

/** Pairs of people who may be the same, the most important question first. */
export const questions = signal<readonly Question[]>([]);

/** The numbers of faces that are of nobody: of low quality, or no faces. */
export const ungrouped = signal<readonly number[]>([]);

/** The files that could not be indexed: while the queue runs, the first ones. `total` counts all. */
export const failedFiles = signal<{ items: readonly LibraryFile[]; total: number }>({ items: [], total: 0 });

/** The photos without a face. Listed when the queue is done. */
export const photosWithoutFace = signal<readonly LibraryPhoto[]>([]);

/** The name of the change that can be undone. */
export const undoable = signal<string | undefined>(undefined);

/** Whether the queue is working. */
export const busy = computed(() => phase.value === 'running');

/** The least time between two refreshes while the queue runs, in milliseconds. */
const refreshInterval = 700;

/** The maximum number of failed files to list while the queue runs: each refresh reads them. */
const maxFailedInQueue = 200;

/** The maximum number of questions to list. */
const maxQuestions = 20;

let lastRefresh = 0;

/** Cancels the last call of {@link refreshQuestions}. */
let asking: AbortController | undefined;

/** Shows the present state of the library. @param maxFailed the maximum number of failed files to list. */
export async function refresh(maxFailed = 100_000): Promise<void> {
  const library = openedLibrary();
  if (!library) return;
  lastRefresh = performance.now();
  const [change, failed] = await Promise.all([library.undoable(), library.files('failed', { limit: maxFailed })]);
  const shown = library.people({ limit: 100_000 }).items;
  const numbers = new Set(shown.map(({ number }) => number));
  // Not facesOf(), which searches all faces of the library: there can be thousands of suggestions.
  const hasFaces = (number: number, faces: readonly number[]) =>
    numbers.has(number) && faces.every((face) => library.personOf(face) === number);
  batch(() => {
    people.value = shown;
    // A change ends the questions and suggestions whose faces are of other people now. They are computed again later.
    questions.value = questions.value.filter((question) =>
      question.people.every((number, i) => hasFaces(number, question.faces[i] ?? [])),
    );
    suggestions.value = new Map([...suggestions.value].filter(([number, { face }]) => hasFaces(number, [face])));
    hiddenPeople.value = library.people({ limit: 100_000, hidden: true }).items;
    ungrouped.value = library.ungrouped({ limit: 100_000 }).items;
    undoable.value = change;
    failedFiles.value = failed;
  });
}

/** Shows the present state, unless it was shown a moment ago. */
export async function refreshSometimes(): Promise<void> {
  if (performance.now() - lastRefresh > refreshInterval) await refresh(maxFailedInQueue);
}

/** Shows the numbers of files and faces. @returns the numbers of all files, and of those that wait. */
export async function refreshCounts(library: Library): Promise<{ files: number; waiting: number }> {
  const { files, waiting, failed, faces } = await library.counts();
  progress.value = { done: files - waiting - failed, failed, total: files, faces };
  return { files, waiting };
}

/** Computes the questions and the suggested names again. A later call replaces one that is not done. */
export async function refreshQuestions(): Promise<void> {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const library = openedLibrary();
  if (!library) return;
  try {
    questions.value = await library.questions({ limit: maxQuestions, signal });
    const found = await suggestedNames(library, signal);
    suggestions.value = new Map(found.map((suggestion) => [suggestion.person, suggestion]));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Ends the last call of {@link refreshQuestions}. */
export function cancelQuestions(): void {
  asking?.abort();
}

async function suggestedNames(library: Library, signal: AbortSignal): Promise<NameSuggestion[]> {
  const state = galleryState.peek();
  // The gallery's embeddings are of the present model. Those of the library are not until its update has ended.
  if (state.status !== 'open' || state.gallery.locked || library.outdated) return [];
  try {
    return await library.suggestNames(state.gallery, { signal });
  } catch (error) {
    // It was locked meanwhile, or another model was loaded.
    if (state.gallery.locked || library.outdated) return [];
    throw error;
  }
}

/** Lists the photos without a face. */
export async function listPhotosWithoutFace(library: Library): Promise<void> {
  const found: LibraryPhoto[] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: Awaited<ReturnType<Library['photos']>> = await library.photos({ limit: 1000, after });
    found.push(...page.items.filter(({ faces }) => faces.length === 0));
    after = page.next;
  }
  photosWithoutFace.value = found;
}

/** Sets everything to its initial value. */
export function resetAlbum(): void {
  cancelQuestions();
  batch(() => {
    phase.value = 'empty';
    progress.value = { done: 0, failed: 0, total: 0, faces: 0 };
    timeLeft.value = undefined;
    updatedFaces.value = undefined;
    queueError.value = undefined;
    for (const list of [people, hiddenPeople, questions, ungrouped, photosWithoutFace]) list.value = [];
    failedFiles.value = { items: [], total: 0 };
    suggestions.value = new Map();
    undoable.value = undefined;
  });
}
