import type { Page } from 'playwright/test';

/**
 * How IndexedDB fails: a method throws, a request reports an error later, as after a defect of the disk, or a transaction
 * whose requests have succeeded is aborted at its commit. On a full disk, every transaction that does not only delete is aborted.
 */
export type Fault = 'exception' | 'error event' | 'aborted commit' | 'full disk';

declare global {
  /**
   * Fails the request of a number, counted from 0. For an aborted commit this is the number of the transaction. From that number on,
   * a full disk fails all transactions.
   */
  var faults: { kind: Fault; at: number; count: number };
}

/** Prepares a page to fail requests to IndexedDB, and derives keys from passphrases in one iteration. */
export async function installFaults(page: Page): Promise<void> {
  await page.evaluate(deriveQuickly);
  await page.evaluate(patchDatabases);
}

/** Runs in the page. Without WebAssembly keys are derived by PBKDF2. */
function deriveQuickly() {
  WebAssembly.compile = () => Promise.reject(new WebAssembly.CompileError('WebAssembly is forbidden.'));
  const { deriveBits } = crypto.subtle;
  crypto.subtle.deriveBits = (algorithm, ...rest) => {
    const fast = 'iterations' in Object(algorithm) ? { ...(algorithm as object), iterations: 1 } : algorithm;
    return deriveBits.call(crypto.subtle, fast as AlgorithmIdentifier, ...rest);
  };
}

/** Runs in the page. */
function patchDatabases() {
  type Method = (...given: unknown[]) => unknown;
  const faults: typeof globalThis.faults = { kind: 'exception', at: Number.POSITIVE_INFINITY, count: 0 };
  globalThis.faults = faults;
  const { count: ping } = IDBObjectStore.prototype;
  /** The number of requests of each transaction that is to be aborted. */
  const requests = new WeakMap<IDBTransaction, number>();
  /** The transactions that do not only delete. */
  const writing = new WeakSet<IDBTransaction>();
  const defineError = (target: object, error: DOMException) =>
    Object.defineProperty(target, 'error', { configurable: true, value: error });

  const failLater = (request: IDBRequest) => {
    const error = new DOMException('The disk is gone.', 'UnknownError');
    // The first listener of the request.
    request.addEventListener('success', (event) => {
      event.stopImmediatePropagation();
      const { transaction, result } = request;
      for (const target of transaction ? [request, transaction] : [request]) defineError(target, error);
      request.dispatchEvent(new Event('error', { bubbles: true, cancelable: true }));
      if (result instanceof IDBDatabase) result.close();
      try {
        transaction?.abort();
      } catch {
        // The event has aborted it.
      }
    });
  };

  const abortAtCommit = (transaction: IDBTransaction, error: DOMException) => {
    requests.set(transaction, 0);
    const store = transaction.objectStore(transaction.objectStoreNames[0] as string);
    const wait = () => {
      const before = requests.get(transaction);
      // It succeeds after all earlier requests. If these led to no other ones, the transaction would be committed now.
      ping.call(store).onsuccess = () => {
        if (requests.get(transaction) !== before) return wait();
        if (faults.kind === 'full disk' && !writing.has(transaction)) return;
        defineError(transaction, error);
        transaction.abort();
      };
    };
    wait();
  };

  const failsAtCommit = () => faults.kind === 'aborted commit' || faults.kind === 'full disk';
  const isHit = () => {
    const number = faults.count++;
    return faults.kind === 'full disk' ? number >= faults.at : number === faults.at;
  };

  /** Runs a method that requests something, unless it fails. */
  const requested = (call: () => unknown): unknown => {
    const hit = !failsAtCommit() && isHit();
    if (hit && faults.kind === 'exception') throw new DOMException('The disk is gone.', 'UnknownError');
    const result = call();
    if (!hit) return result;
    if (result instanceof IDBRequest) failLater(result);
    // indexedDB.databases() returns a promise.
    else return Promise.reject(new DOMException('The disk is gone.', 'UnknownError'));
    return result;
  };

  /** Passes each call of some methods to a wrapper. */
  const patch = (prototype: object, names: string[], wrapper: (self: unknown, call: () => unknown) => unknown) => {
    for (const name of names) {
      const original = Reflect.get(prototype, name) as Method;
      Reflect.set(prototype, name, function (this: unknown, ...given: unknown[]) {
        return wrapper(this, () => original.apply(this, given));
      });
    }
  };
  const countRequest = (transaction: IDBTransaction) => {
    const count = requests.get(transaction);
    if (count !== undefined) requests.set(transaction, count + 1);
  };
  const methods = ['delete', 'clear', 'get', 'getKey', 'getAll', 'getAllKeys', 'openCursor'];
  patch(IDBObjectStore.prototype, methods, (store, call) => {
    countRequest((store as IDBObjectStore).transaction);
    return requested(call);
  });
  const requestWrite = (transaction: IDBTransaction, call: () => unknown) => {
    countRequest(transaction);
    writing.add(transaction);
    return requested(call);
  };
  patch(IDBObjectStore.prototype, ['put'], (store, call) => requestWrite((store as IDBObjectStore).transaction, call));
  patch(IDBCursor.prototype, ['update'], (cursor, call) =>
    requestWrite((cursor as IDBCursor).request.transaction as IDBTransaction, call),
  );
  patch(IDBCursor.prototype, ['continue'], (cursor, call) => {
    countRequest((cursor as IDBCursor).request.transaction as IDBTransaction);
    return call();
  });
  patch(IDBDatabase.prototype, ['transaction'], (_, call) => {
    if (faults.kind === 'exception' && isHit()) throw new DOMException('The disk is gone.', 'UnknownError');
    const transaction = call() as IDBTransaction;
    if (failsAtCommit() && transaction.mode === 'readwrite' && isHit()) {
      abortAtCommit(transaction, new DOMException('full', 'QuotaExceededError'));
    }
    return transaction;
  });
  patch(IDBDatabase.prototype, ['createObjectStore'], (_, call) => {
    if (faults.kind === 'exception' && isHit()) throw new DOMException('The disk is gone.', 'UnknownError');
    return call();
  });
  patch(IDBFactory.prototype, ['deleteDatabase', 'databases'], (_, call) => requested(call));
  patch(IDBFactory.prototype, ['open'], (_, call) => {
    const request = requested(call) as IDBOpenDBRequest;
    // After the listener that creates the object stores.
    queueMicrotask(() =>
      request.addEventListener('upgradeneeded', () => {
        if (!failsAtCommit() || !isHit()) return;
        const transaction = request.transaction as IDBTransaction;
        writing.add(transaction);
        abortAtCommit(transaction, new DOMException('full', 'QuotaExceededError'));
      }),
    );
    return request;
  });
}
