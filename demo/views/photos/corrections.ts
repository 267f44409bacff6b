import { FaceNetError } from 'facenet-web';
import type { Library, NameSuggestion, Question } from 'facenet-web/library';
import { errorMessage } from '../../app/error-message.ts';
import { openedLibrary } from '../../app/library.ts';
import { dismissToast, toast } from '../../app/toasts.tsx';
import { people, questions, refresh, refreshQuestions, suggestions, undoable } from './album.ts';
import { type PhotosMessages, personLabel } from './person-label.ts';
import { clearSelection, selectedFaces, selectedPeople } from './selection.ts';

/** Merges the selected people. */
export async function mergeSelected(t: PhotosMessages): Promise<void> {
  const numbers = [...selectedPeople.peek()];
  if (numbers.length < 2) return;
  await correct(t, async (library) => {
    const number = await library.merge(...numbers);
    return { text: t.merged(labelOf(library, number, t)), focus: `[data-person="${number}"] input` };
  });
}

/** Makes the selected faces a new person. */
export async function splitSelected(t: PhotosMessages): Promise<void> {
  const faces = [...selectedFaces.peek()];
  if (faces.length === 0) return;
  await correct(t, async (library) => {
    const number = await library.split(...faces);
    return { text: t.splitDone(faces.length), focus: `[data-person="${number}"] input` };
  });
}

/** Moves the selected faces to a person. */
export async function moveSelected(person: number, t: PhotosMessages): Promise<void> {
  await correct(t, async (library) => {
    await library.move([...selectedFaces.peek()], person);
    return { text: t.movedTo(labelOf(library, person, t)), focus: `[data-person="${person}"] input` };
  });
}

/** Takes the selected detections out that are not faces. */
export async function rejectSelected(t: PhotosMessages): Promise<void> {
  const faces = [...selectedFaces.peek()];
  await correct(t, async (library) => {
    await library.notAFace(...faces);
    return { text: t.rejected(faces.length) };
  });
}

/** Makes the selected face the picture of its person. */
export async function coverSelected(person: number, t: PhotosMessages): Promise<void> {
  const [face] = selectedFaces.peek();
  if (face === undefined) return;
  await correct(t, async (library) => {
    await library.setCover(person, face);
    return { text: t.coverChosen };
  });
}

/** Names a person. A name that another person has merges both, because a name is one person's. */
export async function namePerson(person: number, name: string, t: PhotosMessages): Promise<void> {
  const trimmed = name.trim();
  const other = people.peek().find((one) => one.name === trimmed && one.number !== person);
  await correct(t, async (library) => {
    if (trimmed !== '' && other) {
      await library.merge(other.number, person);
      return { text: t.merged(trimmed) };
    }
    await library.name(person, trimmed);
    return { text: trimmed ? t.named(trimmed) : t.nameRemoved };
  });
}

/** Hides a person, or shows it again. */
export async function hidePerson(person: number, hidden: boolean, t: PhotosMessages): Promise<void> {
  await correct(t, async (library) => {
    const label = labelOf(library, person, t);
    await library.hide(person, hidden);
    return { text: hidden ? t.hidden(label) : t.shown(label) };
  });
}

/** States that all faces of a person are of this person. */
export async function confirmPerson(person: number, t: PhotosMessages): Promise<void> {
  await correct(t, async (library) => {
    await library.confirm(person);
    return { text: t.confirmed(labelOf(library, person, t)) };
  });
}

/** Answers whether a person is the suggested one. */
export async function answerName({ person, name }: NameSuggestion, isRight: boolean, t: PhotosMessages): Promise<void> {
  suggestions.value = new Map([...suggestions.peek()].filter(([number]) => number !== person));
  if (isRight) {
    await namePerson(person, name, t);
    return;
  }
  await correct(t, async (library) => {
    await library.refuseName(person, name);
    return { text: t.notNamed(name) };
  });
}

/** Answers whether two people are the same. */
export async function answerQuestion(
  question: Question,
  answer: 'same' | 'different' | 'unsure',
  t: PhotosMessages,
): Promise<void> {
  questions.value = questions.peek().filter((other) => other !== question);
  const texts = { same: t.answeredSame, different: t.answeredDifferent, unsure: t.answeredUnsure };
  await correct(t, async (library) => {
    try {
      await library.answer(question, answer);
    } catch (error) {
      // The people changed since the card was shown. The questions are computed again.
      if (error instanceof FaceNetError && error.code === 'library-unknown') return undefined;
      throw error;
    }
    return { text: texts[answer] };
  });
}

/** The number of changes that were started, including those undone. */
let changes = 0;

/** Undoes the last change. */
export async function undoLast(t: PhotosMessages): Promise<void> {
  const library = openedLibrary();
  if (!library || undoable.peek() === undefined) return;
  beginChange();
  try {
    if ((await library.undo()) === undefined) return;
    await refresh();
    toast(t.undone);
    restoreFocus();
  } catch (error) {
    await showFailure(error);
  }
  await refreshQuestions();
}

/**
 * Makes a change, shows its result with a button that undoes it, and asks the questions that it leaves.
 *
 * @param change its result is undefined if it changed nothing.
 */
async function correct(
  t: PhotosMessages,
  change: (library: Library) => Promise<{ text: string; focus?: string } | undefined>,
): Promise<void> {
  const library = openedLibrary();
  if (!library) return;
  const number = beginChange();
  try {
    const result = await change(library);
    clearSelection();
    await refresh();
    // The library undoes its last change, which is another one if the user has started it meanwhile.
    if (result) toast(result.text, number === changes ? { label: t.undo, run: () => void undoLast(t) } : undefined);
    restoreFocus(result?.focus);
  } catch (error) {
    await showFailure(error);
  }
  await refreshQuestions();
}

/** Shows the error of a change, and the library as it is. Refreshing fails if the library was closed. */
async function showFailure(error: unknown): Promise<void> {
  toast(errorMessage(error));
  await refresh().catch(() => {});
}

/** Removes the message of the change before, whose button would undo this one. @returns the number of the change. */
function beginChange(): number {
  dismissToast();
  return ++changes;
}

function labelOf(library: Library, number: number, t: PhotosMessages): string {
  return personLabel(library.person(number), t);
}

/** Focuses the matching element or the album: a change may remove the element that had the focus. */
function restoreFocus(selector = ''): void {
  requestAnimationFrame(() => {
    if (document.activeElement && document.activeElement !== document.body && !selector) return;
    const target = selector ? document.querySelector<HTMLElement>(selector) : null;
    (target ?? document.querySelector<HTMLElement>('.album'))?.focus();
  });
}
