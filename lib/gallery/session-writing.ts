import { FaceNetError } from '../core/errors.ts';
import { type RecordVersions, sealDigest, versionsAfter } from './completeness.ts';
import { requireProtectedCrops } from './crops.ts';
import { sealChange } from './sealing.ts';
import type { SessionLog } from './session-log.ts';
import { plannedState } from './session-state.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { Change, Meta, Store } from './storage/store.ts';

/** Where a session writes its changes. */
export interface ChangeTarget {
  store: Store;
  log: SessionLog;
  /** Called if another tab keeps the database open while it is replaced, or replaces it too. */
  onBlocked: (() => void) | undefined;
}

/** The encrypted records of a change, and the versions of all records after it. */
interface SealedChange {
  sealed: Omit<Change, 'meta' | 'log'>;
  versions: RecordVersions;
}

/** A planned change that is ready to be written. */
export interface PreparedChange extends SealedChange {
  state: GalleryState;
  planned: ChangePlan<unknown>;
  /** The state after the change; the same as `state` if the change is applied to it. */
  next: GalleryState;
}

/** How a change is committed. */
export interface CommitOptions {
  /** Cancels the wait for a tab that replaces the database. */
  signal: AbortSignal | undefined;
  /** Called when the change is about to be written, after that wait. An exception cancels the change. */
  onCommit: () => void;
}

/** Encrypts the records of a planned change. @throws {FaceNetError} `option-invalid` for crops that would not be protected. */
export async function prepareChange(
  store: Store,
  state: GalleryState,
  planned: ChangePlan<unknown>,
  signal: AbortSignal | undefined,
): Promise<PreparedChange> {
  const { change = {}, cipher = state.cipher } = planned;
  requireProtectedCrops(state, planned);
  const next = await plannedState(store, state, planned);
  const sealed = await sealChange(cipher, change, signal);
  return { state, planned, next, sealed, versions: versionsAfter(state.versions, sealed) };
}

/** Writes a prepared change. @returns the state after it; undefined if another tab has changed the gallery. */
export async function writeChange(
  target: ChangeTarget,
  prepared: PreparedChange,
  options: CommitOptions,
): Promise<GalleryState | undefined> {
  const { state, planned, next, versions } = prepared;
  const meta = await commitPlan(target, state, planned, prepared, options);
  if (!meta) return undefined;
  // The change is stored: nothing from here on may fail.
  if (next === state && planned.change) await state.contents.apply(planned.change);
  return Object.assign(next, { meta, versions });
}

/** Writes a planned change with its log entries. @returns the new record; undefined if another tab has changed the gallery. */
export async function commitPlan(
  { store, log, onBlocked }: ChangeTarget,
  state: GalleryState,
  planned: ChangePlan<unknown>,
  { sealed, versions }: SealedChange,
  { signal, onCommit }: CommitOptions,
): Promise<Meta | undefined> {
  const { revision } = state.meta;
  const { replaces = false, discardDamaged = false, cipher = state.cipher } = planned;
  const options = { onBlocked, signal, onCommit };
  const planLog = log.planner(state, planned);
  for (;;) {
    const entries = await planLog();
    const started = entries && { log: true as const };
    const written = { ...state.meta, ...planned.meta, ...started, revision: revision + 1 };
    const digest = await sealDigest(cipher, written, versions);
    const meta = { ...written, ...(digest && { digest }) };
    const change = { ...sealed, meta, discardDamaged, ...(entries && { log: entries }) };
    const stored = replaces ? store.replace(revision, change, options) : store.commit(revision, change, options);
    if (await stored) return meta;
    // If only the log has grown, the change need not be planned again.
    if (!entries || (await store.revision()) !== revision) return undefined;
  }
}

/** Ignores that the disk is full. @throws any other error */
export function ignoreFullDisk(error: unknown): undefined {
  if (!(error instanceof FaceNetError && error.code === 'storage-full')) throw error;
}

/** Ignores that the browser could not write. @throws any other error */
export function ignoreFailedWrite(error: unknown): undefined {
  if (!(error instanceof FaceNetError && error.code === 'storage-unavailable')) ignoreFullDisk(error);
}
