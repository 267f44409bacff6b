import { beforeEach, describe, expect, test, vi } from 'vitest';
import { undoable } from '../../../demo/views/photos/album.ts';
import { undoLast } from '../../../demo/views/photos/corrections.ts';
import { en } from '../../../demo/views/photos/messages.ts';

/** The parts of a library that an undo needs. */
class FakeLibrary {
  last: string | undefined = 'name';
  undo = vi.fn(async (): Promise<string | undefined> => {
    const undone = this.last;
    this.last = undefined;
    return undone;
  });
  undoable = async () => this.last;
  people = () => ({ items: [], total: 0, next: undefined });
  ungrouped = () => ({ items: [], total: 0, next: undefined });
  files = async () => ({ items: [], total: 0, next: undefined });
  questions = async (): Promise<never[]> => [];
  suggestNames = async (): Promise<never[]> => [];
}

const app = vi.hoisted(() => ({ library: undefined as unknown, toast: (_: string) => {}, dismissed: 0 }));

vi.mock('../../../demo/app/library.ts', () => ({ openedLibrary: () => app.library }));
vi.mock('../../../demo/app/gallery.ts', () => ({ galleryState: { peek: () => ({ status: 'closed' }) } }));
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
  Object.assign(app, { library, toast: vi.fn(), dismissed: 0 });
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
