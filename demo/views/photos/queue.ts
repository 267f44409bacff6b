import { batch } from '@preact/signals';
import type { IndexProgress, PhotoSources } from 'facenet-web/library';
import { eraseLibrary, openedLibrary, openLibrary } from '../../app/library.ts';
import {
  listPhotosWithoutFace,
  phase,
  progress,
  queueError,
  refresh,
  refreshQuestions,
  refreshSometimes,
  resetAlbum,
  timeLeft,
} from './album.ts';
import { forgetCrops } from './crops.ts';

let controller: AbortController | undefined;
let running: Promise<void> | undefined;

/** Opens the library, shows what it holds, and indexes the files that waited when the page was left. */
export async function openAlbum(): Promise<void> {
  await openLibrary();
  const library = openedLibrary();
  if (!library || running || phase.peek() === 'running') return;
  const { files, waiting, failed, faces } = await library.counts();
  if (files === 0) return;
  batch(() => {
    progress.value = { done: files - waiting - failed, failed, total: files, faces };
    if (phase.peek() === 'empty') phase.value = 'done';
  });
  await refresh();
  if (waiting > 0 || !library.grouped) await addPhotos([]);
  else await finish();
}

/** Adds photos to the queue and starts it. Without photos, it resumes. */
export async function addPhotos(sources: PhotoSources): Promise<void> {
  controller ??= new AbortController();
  const { signal } = controller;
  batch(() => {
    phase.value = 'running';
    queueError.value = undefined;
  });
  await openLibrary();
  const library = openedLibrary();
  if (!library || signal.aborted) {
    controller = undefined;
    phase.value = library ? 'stopped' : 'empty';
    return;
  }
  if (running) {
    await library.add(sources, { signal, onProgress }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return;
  }
  const adding = library.add(sources, { signal, onProgress });
  running = adding.then(
    () => finish(),
    (error: unknown) => {
      if (!signal.aborted) queueError.value = error;
      phase.value = 'stopped';
    },
  );
  await running;
  running = undefined;
  controller = undefined;
  timeLeft.value = undefined;
  await refresh();
}

/** Stops the queue and keeps its results. */
export function stop(): void {
  controller?.abort();
}

/** Stops the queue, and erases the library with all that was found in the photos. */
export async function clear(): Promise<void> {
  stop();
  await running;
  await eraseLibrary();
  forgetCrops();
  resetAlbum();
}

async function finish(): Promise<void> {
  const library = openedLibrary();
  if (!library) return;
  await refresh();
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
