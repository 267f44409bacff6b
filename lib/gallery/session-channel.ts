import type { SessionOptions } from './session-setup.ts';
import { databaseName } from './storage/connection.ts';

/** What a tab tells the others: that it has changed the gallery, or locked it. */
export type TabMessage = 'changed' | 'locked';

/** The messages between the tabs in which a gallery is open. A gallery in memory is open in one tab only, and has none. */
export class SessionChannel {
  #channel: BroadcastChannel | undefined;

  /** @param onMessage called with the messages of other tabs. */
  constructor({ name, storage }: Pick<SessionOptions, 'name' | 'storage'>, onMessage: (message: TabMessage) => void) {
    if (storage === 'memory') return;
    this.#channel = new BroadcastChannel(databaseName(name));
    this.#channel.onmessage = ({ data }) => onMessage(data);
  }

  /** Sends a message to all other tabs, unless the gallery is closed by now. */
  post(message: TabMessage): void {
    this.#channel?.postMessage(message);
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
