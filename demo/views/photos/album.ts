import { batch, computed, signal } from '@preact/signals';
import type { FaceNet } from 'facenet-web';
import type { Gallery } from 'facenet-web/gallery';
import { loadedFaceNet } from '../../app/facenet.ts';
import { galleryState, refreshPeople } from '../../app/gallery.ts';
import { clusterInWorker, terminateClustering } from './clustering.ts';
import { embedPhotos, type PhotoFace } from './embed-photos.ts';
import {
  emptyGrouping,
  type Grouping,
  merged,
  moved,
  regrouped,
  renamed,
  splitOff,
  toKnownClusters,
} from './groups.ts';
import type { PhotoFile } from './photo-files.ts';
import { RemainingTime } from './remaining-time.ts';

/** Where the queue is; `stopped` when somebody stopped it, and it can go on. */
export type Phase = 'empty' | 'waiting' | 'running' | 'grouping' | 'stopped' | 'done';

/** Faces below this quality are shown, but not grouped: it is the least with which a gallery enrols. */
export const minQuality = 0.1;

/** After so many photos the faces found so far are grouped. */
const photosPerGrouping = 25;

/** How many of a group's faces are saved to the gallery, the best first: a few good templates recognise as well as many. */
const templatesPerPerson = 5;

/** How many changes by hand can be undone. */
const mostUndone = 50;

/** The photos, in the order of the queue. */
export const photos = signal<readonly PhotoFile[]>([]);
/** How many of them are done. */
export const done = signal(0);
export const phase = signal<Phase>('empty');
/** Milliseconds that the rest will take, as far as that can be told. */
export const timeLeft = signal<number | undefined>(undefined);
/** All faces found; a face is known by its number here. */
export const faces = signal<readonly PhotoFace[]>([]);
/** Photos in which no face was found. */
export const withoutFace = signal<readonly number[]>([]);
/** Photos that could not be read, and why. */
export const unreadable = signal<ReadonlyMap<number, unknown>>(new Map());
/** The groups that the faces are in. */
export const grouping = signal<Grouping>(emptyGrouping);
/** Faces that are too poor to be recognised, and that nobody has put into a group. */
export const poorFaces = computed(() => {
  const grouped = new Set(grouping.value.groups.flatMap(({ members }) => members));
  return faces.value.flatMap(({ quality }, i) => (quality.overall < minQuality && !grouped.has(i) ? [i] : []));
});
/** What went wrong with all of it, where something did. */
export const trouble = signal<unknown>(undefined);
/** The groups as they were before each change by hand. */
const undoable = signal<readonly Grouping[]>([]);
export const canUndo = computed(() => undoable.value.length > 0);

const everything = [photos, done, phase, timeLeft, faces, withoutFace, unreadable, grouping, trouble, undoable];
const initial = everything.map((part) => part.peek());

let controller: AbortController | undefined;
let running: Promise<void> | undefined;
/** What is found between two groupings, so that the page is not drawn anew for each photo. */
const found: PhotoFace[] = [];

/** Puts photos at the end of the queue, and starts it. */
export async function addPhotos(more: readonly PhotoFile[]): Promise<void> {
  if (more.length === 0) return;
  photos.value = [...photos.peek(), ...more];
  if (phase.peek() !== 'stopped') await resume();
}

/** Starts the queue, or goes on where it was stopped. */
export async function resume(): Promise<void> {
  running ??= run().finally(() => {
    running = undefined;
  });
  await running;
}

/** Stops the queue. What was found stays, and {@link resume} goes on with the photo that was given up. */
export function stop(): void {
  controller?.abort();
}

/** Forgets all photos and faces, and frees what they took. */
export async function clear(): Promise<void> {
  stop();
  await running;
  terminateClustering();
  found.length = 0;
  batch(() => {
    everything.forEach((part, i) => {
      (part as { value: unknown }).value = initial[i];
    });
  });
}

async function run(): Promise<void> {
  controller = new AbortController();
  const { signal } = controller;
  batch(() => {
    phase.value = 'waiting';
    trouble.value = undefined;
  });
  try {
    const facenet = await loadedFaceNet();
    signal.throwIfAborted();
    phase.value = 'running';
    // Photos may join the queue while it runs.
    while (done.peek() < photos.peek().length) await runQueue(facenet, signal);
    phase.value = 'grouping';
    await group(facenet, undoable.peek().length === 0);
    phase.value = 'done';
  } catch (error) {
    if (!signal.aborted) trouble.value = error;
    takeFound();
    phase.value = 'stopped';
  } finally {
    timeLeft.value = undefined;
  }
}

async function runQueue(facenet: FaceNet, signal: AbortSignal): Promise<void> {
  const pace = new RemainingTime();
  let start = performance.now();
  for await (const result of embedPhotos(facenet, photos.peek(), done.peek(), signal)) {
    pace.add(performance.now() - start);
    start = performance.now();
    batch(() => {
      if ('error' in result) unreadable.value = new Map([...unreadable.peek(), [result.photo, result.error]]);
      else if (result.faces.length === 0) withoutFace.value = [...withoutFace.peek(), result.photo];
      else found.push(...result.faces);
      done.value = result.photo + 1;
      timeLeft.value = pace.timeLeft(photos.peek().length - done.peek());
    });
    if (done.peek() % photosPerGrouping === 0) await group(facenet, false);
  }
}

function takeFound(): void {
  if (found.length > 0) faces.value = [...faces.peek(), ...found.splice(0)];
}

/**
 * Groups the faces.
 *
 * @param anew all of them from scratch, which is best; else new faces join the groups that there are.
 */
async function group(facenet: FaceNet, anew: boolean): Promise<void> {
  takeFound();
  const before = grouping.peek();
  const all = faces.peek();
  const good = all.flatMap(({ quality }, i) => (quality.overall >= minQuality ? [i] : []));
  const { order, known } = anew ? { order: good, known: [] } : toKnownClusters(before, good);
  if (order.length === 0) return;
  const clusters = await clusterInWorker(
    order.map((face) => all[face] as PhotoFace),
    facenet.rule,
    known,
  );
  // Somebody may have changed the groups meanwhile: theirs hold, and the faces join them the next time.
  if (grouping.peek() !== before) return group(facenet, false);
  const inAlbum = (place: number) => order[place] as number;
  grouping.value = regrouped(
    before,
    clusters.map(({ members, representative }) => ({
      members: members.map(inAlbum).sort((a, b) => a - b),
      representative: inAlbum(representative),
    })),
  );
  await nameByGallery();
}

/** Groups of people whom the gallery knows get their names. */
async function nameByGallery(): Promise<void> {
  const state = galleryState.peek();
  if (state.status !== 'open' || state.gallery.locked) return;
  for (const { id, name, cover } of grouping.peek().groups) {
    const face = faces.peek()[cover];
    if (name || !face) continue;
    const { match } = await state.gallery.identify(face);
    if (match) grouping.value = renamed(grouping.peek(), id, match.person.name);
  }
}

/** Changes the groups by hand, so that it can be undone. */
function change(next: Grouping): boolean {
  const before = grouping.peek();
  if (next === before) return false;
  batch(() => {
    undoable.value = [...undoable.peek(), before].slice(-mostUndone);
    grouping.value = next;
  });
  return true;
}

const qualityOf = (face: number) => faces.peek()[face]?.quality.overall ?? 0;

/** Makes several groups one. @returns whether anything changed, as do the others. */
export function mergeGroups(ids: readonly number[]): boolean {
  return change(merged(grouping.peek(), ids));
}

/** Makes faces a group of their own. */
export function splitFaces(members: readonly number[]): boolean {
  return change(splitOff(grouping.peek(), members, qualityOf));
}

/** Moves faces into a group. */
export function moveFaces(members: readonly number[], into: number): boolean {
  return change(moved(grouping.peek(), members, into, qualityOf));
}

export function renameGroup(id: number, name: string): void {
  grouping.value = renamed(grouping.peek(), id, name.trim());
}

/** Takes the last change by hand back. */
export function undo(): boolean {
  const before = undoable.peek().at(-1);
  if (!before) return false;
  batch(() => {
    undoable.value = undoable.peek().slice(0, -1);
    grouping.value = before;
  });
  // Faces that were found since then join the groups; while the queue runs it does that.
  if (!running) void loadedFaceNet().then((facenet) => group(facenet, false));
  return true;
}

/**
 * Saves a group's best faces to the gallery, under its name: as templates of the person of that name, or of a new one.
 *
 * @returns how many templates were added.
 */
export async function saveToGallery(gallery: Gallery, id: number): Promise<number> {
  const group = grouping.peek().groups.find((group) => group.id === id);
  if (!group?.name) return 0;
  const best = [...group.members].sort((a, b) => qualityOf(b) - qualityOf(a)).slice(0, templatesPerPerson);
  let person = (await gallery.list()).find(({ name }) => name === group.name);
  let added = 0;
  for (const number of best) {
    const face = faces.peek()[number];
    if (!face) continue;
    // Who it is was said by hand: a likeness to somebody else is no reason to refuse.
    const enrolment = await gallery.enrol(person ?? { name: group.name }, face, {
      allow: ['other-person'],
      crop: face.crop,
    });
    if (!enrolment.enrolled) continue;
    person = enrolment.person;
    added++;
  }
  await refreshPeople();
  return added;
}
