/** Runs tasks one after the other. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task after all earlier ones have settled. A task must not wait for another task of the same queue. */
  run<T>(task: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(task);
    // Not the result itself, which may be confidential.
    this.#last = result.then(
      () => {},
      () => {},
    );
    return result;
  }
}
