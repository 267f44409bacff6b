/** By what a worker shows that it lives; what else it has to say may come in between. */
export type Greeting =
  /** Its first word: its script runs. */
  | { type: 'awake' }
  /** It holds the Web Lock of this name for as long as it lives. Where none was granted there is no name, and its death cannot be told. */
  | { type: 'held'; lock: string | undefined };

/** Greets the page. A worker that is killed tells nobody, but gives up its lock, for which the page waits. */
export async function greet(): Promise<void> {
  tell({ type: 'awake' });
  tell({ type: 'held', lock: await heldLock() });
}

/** Some private windows refuse one, and an insecure page has none; the worker works all the same. */
function heldLock(): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (!navigator.locks) return resolve(undefined);
    const lock = `facenet-web worker ${crypto.randomUUID()}`;
    const untilTheEnd = () => {
      resolve(lock);
      return new Promise(() => {});
    };
    navigator.locks.request(lock, untilTheEnd).catch(() => resolve(undefined));
  });
}

function tell(greeting: Greeting): void {
  postMessage(greeting);
}
