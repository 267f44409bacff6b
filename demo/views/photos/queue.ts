import { batch, effect } from '@preact/signals';
import type { IndexProgress, Library } from 'facenet-web/library';
import { facenetState, loadedFaceNet } from '../../app/facenet.ts';
import { eraseLibrary, libraryState, openedLibrary, openLibrary } from '../../app/library.ts';
import {
  cancelQuestions,
  listPhotosWithoutFace,
  phase,
  progress,
  queueError,
  refresh,
  refreshCounts,
  refreshQuestions,
  refreshSometimes,
  resetAlbum,
  timeLeft,
  updatedFaces,
} from './album.ts';
import { forgetCrops } from './crops.ts';
import { forgetFolders, withOwnFolders } from './folders.ts';
import type { PhotoFile } from './photo-files.ts';
import { stoppedByUser } from './stopped-by-user.ts';

/** A run of the queue: from the first photos until all that were added meanwhile are indexed, or it is stopped. */
interface Run {
  controller: AbortController;
  /** Resolves to the library, whose embeddings are of the present model. Undefined if it cannot be opened. */
  ready: Promise<Library | undefined>;
  /** One for each call that added photos. */
  tasks: Promise<void>[];
}

let run: Run | undefined;
/** Resolves when the last run has ended, also by an error, and its result is shown. */
let shown: Promise<void> = Promise.resolve();
let clearing: Promise<void> | undefined;

/** Photos of a run that was stopped before the library was open, a list for each call: the next run adds them. */
let unregistered: readonly (readonly PhotoFile[])[] = [];

// The next models may be others: the running queue ends, and the next run embeds the stored faces again first.
facenetState.subscribe(({ status }) => {
  if (status === 'ready') void updateAlbum();
  if (status !== 'idle' || !run || run.controller.signal.aborted) return;
  run.controller.abort();
  void addPhotos([]);
});

/** Whether the library was open when its state changed the last time. */
let wasOpen = false;

/** Shows nothing of a library that another tab erased. A run that this ends shows why. */
effect(() => {
  const { status } = libraryState.value;
  if (wasOpen && status === 'closed' && !clearing) forgetAlbum();
  wasOpen = status === 'open';
});

/** Opens the library, shows what it holds, and goes on with what waited when the page was left, unless the user stopped it. */
export async function openAlbum(): Promise<void> {
  await openLibrary();
  const library = openedLibrary();
  if (!library || run) return;
  const { files, waiting } = await refreshCounts(library);
  if (files === 0) return;
  const isUnfinished = waiting > 0 || !library.grouped || library.outdated;
  if (phase.peek() === 'empty') phase.value = isUnfinished && stoppedByUser.peek() === 'yes' ? 'stopped' : 'done';
  await refresh();
  if (phase.peek() === 'stopped') return;
  if (isUnfinished) await addPhotos([]);
  else await finish();
}

/** Embeds the faces of an album that is shown again, if other models were loaded. A queue that the user stopped waits for the user. */
async function updateAlbum(): Promise<void> {
  // The library may be told of the models after the queue.
  await loadedFaceNet();
  if (!run && phase.peek() === 'done' && openedLibrary()?.outdated) await addPhotos([]);
}

/** Adds photos to the queue and starts it. Without photos, it resumes. */
export async function addPhotos(sources: readonly PhotoFile[]): Promise<void> {
  // A run that is being stopped takes no more photos.
  while (clearing || run?.controller.signal.aborted) await (clearing ?? shown);
  if (run) addTask(run, sources);
  else startRun(sources);
  await shown;
}

/** Stops the queue and keeps its results. It stays stopped until the user resumes it, also after a reload. */
export function stop(): void {
  if (!run) return;
  stoppedByUser.value = 'yes';
  run.controller.abort();
}

/**
 * Stops the queue, and erases the library with all that was found in the photos.
 *
 * @param onBlocked called if a suspended tab keeps the library open.
 */
export async function clear(onBlocked: () => void): Promise<void> {
  run?.controller.abort();
  clearing ??= erase(onBlocked).finally(() => {
    clearing = undefined;
  });
  await clearing;
}

function startRun(sources: readonly PhotoFile[]): void {
  batch(() => {
    phase.value = 'running';
    stoppedByUser.value = 'no';
    queueError.value = undefined;
  });
  const controller = new AbortController();
  run = { controller, ready: prepare(controller.signal), tasks: [] };
  for (const each of [...unregistered, sources]) addTask(run, each);
  unregistered = [];
  shown = showResult(untilEnded(run), controller.signal);
}

/** Opens the library, and embeds its faces again if another model is in use than embedded them. */
async function prepare(signal: AbortSignal): Promise<Library | undefined> {
  // Loading the models may take minutes or fail, also if the library is open and they are loaded again. Stop does not wait for it.
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  await Promise.race([Promise.all([openLibrary(), loadedFaceNet()]), stopped]);
  const library = openedLibrary();
  if (!library?.outdated) return library;
  const onProgress = (done: number, total: number) => {
    updatedFaces.value = { done, total };
  };
  await library.update({ signal, onProgress });
  return library;
}

function addTask(to: Run, sources: readonly PhotoFile[]): void {
  const task = add(to, sources);
  // untilEnded() reports a failure, but perhaps after the browser would report it as unhandled.
  task.catch(() => {});
  to.tasks.push(task);
}

async function add({ controller: { signal }, ready }: Run, sources: readonly PhotoFile[]): Promise<void> {
  let library: Library | undefined;
  let named: readonly PhotoFile[] | undefined;
  try {
    library = await ready;
    signal.throwIfAborted();
    named = library && (await withOwnFolders(library, sources));
    signal.throwIfAborted();
  } finally {
    if (sources.length > 0 && (!named || signal.aborted)) unregistered = [...unregistered, sources];
  }
  updatedFaces.value = undefined;
  // The library registers all of a list, also if it is stopped meanwhile.
  if (named) await library?.add(named, { signal, onProgress });
}

/** Waits for all photos of a run. */
async function untilEnded({ tasks }: Run): Promise<void> {
  try {
    for (let count = 0; count < tasks.length; ) {
      count = tasks.length;
      await Promise.allSettled(tasks);
    }
    await Promise.all(tasks);
  } finally {
    batch(() => {
      timeLeft.value = undefined;
      updatedFaces.value = undefined;
    });
    run = undefined;
  }
}

/** Shows the result of a run. Never rejects. */
async function showResult(ended: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await ended;
    await finish();
  } catch (error) {
    // The next run has begun.
    if (run) return;
    batch(() => {
      if (!signal.aborted) queueError.value = error;
      phase.value = 'stopped';
    });
    await refresh().catch(() => {});
  }
}

async function erase(onBlocked: () => void): Promise<void> {
  cancelQuestions();
  await shown;
  await eraseLibrary(onBlocked);
  unregistered = [];
  forgetAlbum();
}

function forgetAlbum(): void {
  forgetFolders();
  forgetCrops();
  stoppedByUser.value = 'no';
  resetAlbum();
}

async function finish(): Promise<void> {
  const library = openedLibrary();
  if (!library) {
    phase.value = 'empty';
    return;
  }
  await refresh();
  // Photos may have been added meanwhile.
  if (run) return;
  // Stop can come too late for the last photo.
  stoppedByUser.value = 'no';
  phase.value = 'done';
  await refreshQuestions();
  await listPhotosWithoutFace(library);
}

function onProgress({ done, failed, total, faces, timeLeft: left }: IndexProgress): void {
  batch(() => {
    progress.value = { done, failed, total, faces };
    timeLeft.value = left;
  });
  void refreshSometimes();
}
