import { thresholdFor } from '../../comparison/calibration.ts';
import type { ComparisonRule } from '../../comparison/compare.ts';
import { abortableUntilCommit } from '../../core/cancellation.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import type { Calibration } from '../../core/types.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
import { FaceColumns } from '../people/columns.ts';
import { Edit } from '../people/edit.ts';
import { type GroupingRule, placeFaces, regroupFaces } from '../people/grouping.ts';
import { PeopleState } from '../people/state.ts';
import { undoEdit } from '../people/undo.ts';
import { isSameEmbedder } from '../storage/embedder.ts';
import type { Change, Store } from '../storage/store.ts';
import type { JournalRow, MetaRow } from '../storage/tables.ts';
import { closedError } from './closed-error.ts';
import { embedderOf } from './embedder.ts';
import { LibraryGraph } from './library-graph.ts';
import { readMeta } from './meta.ts';
import { type CheckedOptions, checkFar } from './options.ts';
import { isGraphDue, isGroupingDue, unplacedFaces } from './schedule.ts';

/** The maximum number of changes that can be undone. */
const maxUndo = 50;

/** An open library: its store, who is who in memory, and the neighbour graph once it is needed. Changes run one by one. */
export class LibrarySession {
  readonly store: Store;
  readonly options: CheckedOptions;
  /** Who is who. Empty after the library was closed. */
  state: PeopleState;
  meta: MetaRow;
  /** The record as it is stored. */
  #storedMeta: MetaRow;
  readonly #graph: LibraryGraph;
  #journal: JournalRow[] | undefined;
  readonly #changes = new SerialQueue();
  /** Updates of the embeddings, and changes for which all embeddings have to be of one embedder. */
  readonly updates = new SerialQueue();
  #closed: string | undefined;

  private constructor(store: Store, options: CheckedOptions, meta: MetaRow, state: PeopleState) {
    this.store = store;
    this.options = options;
    this.meta = meta;
    this.#storedMeta = meta;
    this.state = state;
    this.#graph = new LibraryGraph(store);
  }

  /** Reads the columns, the people and the constraints. @throws {FaceNetError} `library-version`; `option-invalid` for `far`. */
  static async open(store: Store, options: CheckedOptions): Promise<LibrarySession> {
    const meta = await readMeta(store, options.facenet);
    checkFar(options.far, meta.rule);
    const [columns, people, constraints] = await Promise.all([
      store.list('columns'),
      store.list('people'),
      store.list('constraints'),
    ]);
    const state = new PeopleState(FaceColumns.fromRows(columns, meta.next.face), people, constraints, meta.next.person);
    return new LibrarySession(store, options, meta, state);
  }

  /** How embeddings of the library are compared. */
  get rule(): ComparisonRule {
    return this.meta.rule;
  }

  /**
   * The calibration that the similarity to strangers of new faces is judged by: the FaceNet's, which measured it. The library's rule may be
   * of an earlier release.
   */
  get rating(): Calibration {
    return (this.outdated ? this.rule : this.options.facenet.rule).calibration;
  }

  /** The number of the embedder that computed the embeddings, see {@link MetaRow.generation}. */
  get generation(): number {
    return this.meta.generation ?? 0;
  }

  /** Whether embeddings are of another embedder than the FaceNet's, or of other files or another template of it. */
  get outdated(): boolean {
    const { updating, rule, identity } = this.meta;
    const present = { model: rule.model, ...identity };
    return updating !== undefined || !isSameEmbedder(present, embedderOf(this.options.facenet));
  }

  /** The distances that group faces. */
  get grouping(): GroupingRule {
    const { far, samePhoto } = this.options;
    const { calibration } = this.rule;
    const strictest = calibration.thresholds.at(-1)?.distance ?? 0;
    const withinPhoto = { never: -1, strong: strictest, ignored: Number.POSITIVE_INFINITY }[samePhoto];
    return { within: thresholdFor(far, calibration), withinPhoto };
  }

  /** The neighbour graph with all faces. The first call reads all embeddings. @throws {FaceNetError} `disposed` */
  async graph(signal?: AbortSignal): Promise<FaceGraph> {
    try {
      return await this.#graph.load(() => this.meta, signal);
    } finally {
      // It may have failed because the library was closed meanwhile.
      this.requireOpen();
    }
  }

  /**
   * Makes a change that needs the graph in memory. It is read between two attempts, so that no other change waits for it.
   *
   * @param change resolves to false if it changed nothing, because the graph is not loaded.
   * @param signal ends the reading.
   */
  async untilGraphIsLoaded(change: () => Promise<boolean>, signal?: AbortSignal): Promise<void> {
    while (!(await change())) await this.graph(signal);
  }

  /** Whether {@link graph} reads only a few faces that were added since. */
  get isGraphLoaded(): boolean {
    return this.#graph.isLoaded(this.state.columns.size);
  }

  /** Reads the graph again at its next use, because embeddings were replaced. */
  forgetGraph(): Promise<void> {
    return this.#graph.reset();
  }

  /**
   * Makes a change that replaces embeddings of faces, which are linked again at the next use of the graph. Call it in
   * {@link exclusively}.
   */
  async commitReplaced(faces: readonly number[], change: Change): Promise<void> {
    const { graphed, grouped, relinked = [] } = this.meta;
    this.meta = {
      ...this.meta,
      grouped: Math.max(0, grouped - faces.length),
      relinked: [...new Set([...relinked, ...faces.filter((face) => face < graphed)])],
    };
    await this.commit(change);
    this.#graph.relink(faces);
  }

  /** Runs a task after all earlier changes. If it fails, memory is again as the last commit stored it. @throws {FaceNetError} `disposed` */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    return this.#changes.run(async () => {
      this.requireOpen();
      try {
        return await task();
      } catch (error) {
        this.state.rollBack();
        this.meta = this.#storedMeta;
        // It may have failed because the library was closed meanwhile.
        this.requireOpen();
        throw error;
      }
    });
  }

  /**
   * As {@link exclusively}, but not between two batches of an update, when some embeddings are of another embedder: it waits for the
   * end of updates that have begun.
   *
   * @param signal ends the wait. The task has to observe it itself.
   */
  betweenUpdates<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const wait = (onStart: () => void) =>
      this.updates.run(() => {
        signal?.throwIfAborted();
        onStart();
        return this.exclusively(task);
      });
    return abortableUntilCommit(wait, signal);
  }

  /** Makes a change that can be undone. @param name the name of the method that makes it. */
  correct<T>(name: string, plan: (edit: Edit) => Promise<T> | T): Promise<T> {
    return this.exclusively(async () => {
      const edit = new Edit(this.state);
      const result = await plan(edit);
      if (edit.isEmpty) return result;
      const number = this.meta.next.journal;
      this.meta = { ...this.meta, next: { ...this.meta.next, journal: number + 1 } };
      await this.commit({
        ...edit.changes(),
        journal: { put: [edit.journal(number, name)], remove: await this.#outdatedJournal() },
      });
      return result;
    });
  }

  /** The oldest entries of the journal, which leave it when another one is made. The numbers of those that were undone are gaps. */
  async #outdatedJournal(): Promise<number[]> {
    const surplus = (await this.store.count('journal')) + 1 - maxUndo;
    if (surplus <= 0) return [];
    return (await this.store.list('journal', { limit: surplus })).map(({ number }) => number);
  }

  /** Undoes the last change of {@link correct}. @returns the name of the method that made it; undefined if there is none. */
  undo(): Promise<string | undefined> {
    return this.exclusively(async () => {
      const journal = await this.lastChange();
      if (!journal) return undefined;
      const edit = undoEdit(this.state, journal);
      await this.commit({ ...edit.changes(), journal: { remove: [journal.number] } });
      return journal.change;
    });
  }

  /**
   * All changes that can be undone. They stay in memory until one is made or undone, because each photo that replaces another asks
   * for them. Call it in {@link exclusively}.
   */
  async journal(): Promise<readonly JournalRow[]> {
    this.#journal ??= await this.store.list('journal');
    return this.#journal;
  }

  /** The last change that can be undone. */
  lastChange() {
    return this.store.last('journal');
  }

  /** Adds faces to the people near them, and stores the neighbour graph if it is due, also for no face. */
  async place(faces: readonly number[], signal?: AbortSignal): Promise<void> {
    const { graphed, relinked = [] } = this.meta;
    const isDue = isGraphDue(graphed - relinked.length, this.state.columns.size);
    if (faces.length === 0 && !isDue) return;
    const graph = await this.graph(signal);
    if (faces.length > 0) {
      const edit = new Edit(this.state);
      await placeFaces(edit, graph, faces, this.grouping, signal);
      await this.commit(edit.changes());
    }
    if (isDue) await this.storeGraph(graph);
  }

  /** Whether all faces are of people, and were grouped again when enough were new, and each photo that no file has was removed. */
  get isGrouped(): boolean {
    const { orphans = [] } = this.meta;
    return orphans.length === 0 && !this.isGroupingDue && unplacedFaces(this.state).length === 0;
  }

  /** Whether enough faces are new for a grouping of all. */
  get isGroupingDue(): boolean {
    return isGroupingDue(this.meta.grouped, this.state.columns.size);
  }

  /** Groups all faces again, except those that corrections keep, and stores the neighbour graph. */
  async regroup(signal?: AbortSignal): Promise<void> {
    const graph = await this.graph(signal);
    const edit = new Edit(this.state);
    await regroupFaces(edit, graph, this.grouping, signal);
    this.meta = { ...this.meta, grouped: graph.size };
    await this.commit(edit.changes());
    await this.storeGraph(graph);
  }

  /** Stores the neighbour graph, so that the next start does not compute it again. */
  async storeGraph(graph: FaceGraph): Promise<void> {
    const { graphed, relinked = [] } = this.meta;
    if (graph.size === graphed && relinked.length === 0) return;
    this.meta = { ...this.meta, graphed: graph.size, relinked: [] };
    await this.commit({ graph: { put: await graph.blocks() } });
  }

  /** Writes a change with the columns and the library's own record. Call it in {@link exclusively}, which takes a failed change back. */
  async commit(change: Change): Promise<void> {
    this.requireOpen();
    const { columns, nextPerson } = this.state;
    this.meta = { ...this.meta, next: { ...this.meta.next, face: columns.size, person: nextPerson } };
    await this.store.commit({ columns: { put: columns.changedRows() }, ...change, meta: { put: [this.meta] } });
    this.state.markStored();
    this.#storedMeta = this.meta;
    const { put = [], remove = [] } = change.journal ?? {};
    if (put.length + remove.length > 0) this.#journal = undefined;
  }

  /** @throws {FaceNetError} `disposed` after the library was closed. */
  requireOpen(): void {
    if (this.#closed) throw closedError(this.#closed);
  }

  /** Closes after pending changes. @param reason completes the sentence "The library …" in the errors of later calls. */
  async close(reason = 'was closed'): Promise<void> {
    await this.updates.run(() => {});
    await this.#changes.run(() => this.closeNow(reason));
  }

  closeNow(reason: string): void {
    if (this.#closed) return;
    this.#closed = reason;
    this.#graph.clear();
    this.#journal = undefined;
    this.state = new PeopleState(new FaceColumns(), [], [], 1);
    this.store.close();
  }
}
