import { beforeEach, describe, expect, test, vi } from 'vitest';
import { questions, suggestions, undoable } from '../../../demo/views/photos/album.ts';
import { answerQuestion, splitSelected, undoLast } from '../../../demo/views/photos/corrections.ts';
import { en } from '../../../demo/views/photos/messages.ts';
import { selectedFaces } from '../../../demo/views/photos/selection.ts';
import { FaceNetError } from '../../../lib/index.ts';
import type { LibraryPerson, NameSuggestion, Question } from '../../../lib/library/index.ts';

/** The parts of a library that a correction and its undo need. */
class FakeLibrary {
  last: string | undefined = 'name';
  undo = vi.fn(async (): Promise<string | undefined> => {
    const undone = this.last;
    this.last = undefined;
    return undone;
  });
  undoable = async () => this.last;
  /** The faces of each person. */
  members = new Map<number, number[]>();
  answer = vi.fn(async (): Promise<void> => {});
  split = vi.fn(async (): Promise<number> => 1);
  personOf = (face: number) => [...this.members].find(([, faces]) => faces.includes(face))?.[0];
  people = ({ hidden }: { hidden?: boolean }) => {
    const items = hidden ? [] : [...this.members.keys()].map((number) => ({ number }) as LibraryPerson);
    return { items, total: items.length, next: undefined };
  };
  ungrouped = () => ({ items: [], total: 0, next: undefined });
  files = async () => ({ items: [], total: 0, next: undefined });
  questions = async (): Promise<never[]> => [];
  outdated = false;
  suggestNames = vi.fn(async (): Promise<NameSuggestion[]> => []);
}

const app = vi.hoisted(() => ({
  library: undefined as unknown,
  gallery: { status: 'closed' } as object,
  toast: (_: string) => {},
  dismissed: 0,
}));

vi.mock('../../../demo/app/library.ts', () => ({ openedLibrary: () => app.library }));
vi.mock('../../../demo/app/gallery.ts', () => ({ galleryState: { peek: () => app.gallery } }));
vi.mock('../../../demo/app/error-message.ts', () => ({ errorMessage: (error: Error) => error.message }));
vi.mock('../../../demo/app/toasts.tsx', () => ({
  toast: (text: string) => app.toast(text),
  dismissToast: () => {
    app.dismissed++;
  },
}));

let library: FakeLibrary;

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  library = new FakeLibrary();
  Object.assign(app, { library, gallery: { status: 'closed' }, toast: vi.fn(), dismissed: 0 });
  undoable.value = 'name';
  return () => vi.unstubAllGlobals();
});

describe('undo', () => {
  test('undoes the last change and says so', async () => {
    await undoLast(en);
    expect(library.undo).toHaveBeenCalledOnce();
    expect(app.toast).toHaveBeenCalledExactlyOnceWith(en.undone);
    expect(undoable.value).toBeUndefined();
  });

  test('keeps the message on show if there is nothing to undo', async () => {
    undoable.value = undefined;
    await undoLast(en);
    expect(library.undo).not.toHaveBeenCalled();
    expect(app.dismissed).toBe(0);
  });

  test('shows why it failed', async () => {
    library.undo.mockRejectedValue(new Error('The disk is full.'));
    await undoLast(en);
    expect(app.toast).toHaveBeenCalledExactlyOnceWith('The disk is full.');
    expect(undoable.value).toBe('name');
  });

  test('shows why it failed if the library cannot be read either', async () => {
    library.undo.mockRejectedValue(new Error('It was erased in another tab.'));
    library.undoable = () => Promise.reject(new Error('It is closed.'));
    await undoLast(en);
    expect(app.toast).toHaveBeenCalledExactlyOnceWith('It was erased in another tab.');
  });
});

describe('names for people whose faces are of the embedder before', () => {
  const suggestion = { person: 12, face: 1, name: 'Ada', galleryPerson: 'a', probability: 0.9 };

  beforeEach(() => {
    app.gallery = { status: 'open', gallery: { locked: false } };
    library.members = new Map([[12, [1]]]);
    suggestions.value = new Map();
  });

  test('are suggested once the faces are embedded again', async () => {
    library.outdated = true;
    library.suggestNames.mockResolvedValue([suggestion]);
    await undoLast(en);
    expect(library.suggestNames).not.toHaveBeenCalled();
    expect(suggestions.value.size).toBe(0);
    library.outdated = false;
    library.last = 'name';
    undoable.value = 'name';
    await undoLast(en);
    expect(suggestions.value.get(12)).toEqual(suggestion);
  });

  test('are not suggested if the model changes meanwhile', async () => {
    library.suggestNames.mockImplementation(async () => {
      library.outdated = true;
      throw new FaceNetError('model-mismatch', 'The embeddings are of another model.');
    });
    await undoLast(en);
    expect(suggestions.value.size).toBe(0);
    expect(app.toast).toHaveBeenCalledExactlyOnceWith(en.undone);
  });
});

describe('a question whose faces are of other people now', () => {
  const question: Question = { people: [12, 15], faces: [[1, 2], [3]], probability: 0.8 };

  test('is dropped without an error when it is answered', async () => {
    questions.value = [question];
    library.answer.mockRejectedValue(new FaceNetError('library-unknown', 'Ask again.'));
    await answerQuestion(question, 'same', en);
    expect(app.toast).not.toHaveBeenCalled();
    expect(questions.value).toEqual([]);
  });

  test('shows other errors', async () => {
    library.answer.mockRejectedValue(new FaceNetError('storage-full', 'The disk is full.'));
    await answerQuestion(question, 'same', en);
    expect(app.toast).toHaveBeenCalledExactlyOnceWith('The disk is full.');
  });

  test('is not shown after the change, until the questions are computed again', async () => {
    const other: Question = { people: [15, 20], faces: [[3], [7]], probability: 0.6 };
    const suggestion = { name: 'Ada', galleryPerson: 'a', probability: 0.9 };
    library.members = new Map([
      [12, [1, 2, 9]],
      [15, [3]],
      [20, [7]],
    ]);
    questions.value = [question, other];
    suggestions.value = new Map([
      [12, { ...suggestion, person: 12, face: 1 }],
      [20, { ...suggestion, person: 20, face: 7 }],
    ]);
    selectedFaces.value = new Set([1, 2]);
    library.split.mockImplementation(async () => {
      library.members.set(12, [9]).set(31, [1, 2]);
      return 31;
    });
    const shown = vi.fn();
    library.questions = async () => {
      shown(questions.value, [...suggestions.value.keys()]);
      return [];
    };
    await splitSelected(en);
    expect(shown).toHaveBeenCalledExactlyOnceWith([other], [20]);
  });
});
