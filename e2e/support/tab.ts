import type { Browser, CDPSession, Page } from 'playwright/test';

/** A page of the browser that Playwright does not hold: it has each of its own believe that it is in front, whatever is over it. */
export class Tab {
  readonly #session: CDPSession;
  readonly #target: string;
  readonly #attached: string;
  #calls = 0;

  private constructor(session: CDPSession, target: string, attached: string) {
    this.#session = session;
    this.#target = target;
    this.#attached = attached;
  }

  static async open(browser: Browser, url: string): Promise<Tab> {
    const session = await browser.newBrowserCDPSession();
    const { targetId } = await session.send('Target.createTarget', { url });
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
    const tab = new Tab(session, targetId, sessionId);
    // At first there is another page, or none.
    const isThere = () => document.readyState === 'complete' && location.protocol !== 'about:';
    while (!(await tab.evaluate(isThere).catch(() => false)));
    return tab;
  }

  /** As Playwright's, of a function whose argument and answer are JSON. */
  readonly evaluate: Page['evaluate'] = (run: unknown, given?: unknown) =>
    this.#run(`(${run})(${JSON.stringify(given)})`);

  async #run<Answer>(expression: string): Promise<Answer> {
    const id = ++this.#calls;
    const params = { expression, awaitPromise: true, returnByValue: true };
    const message = JSON.stringify({ id, method: 'Runtime.evaluate', params });
    return new Promise((resolve, reject) => {
      const hear = ({ sessionId, message }: { sessionId: string; message: string }) => {
        const answer = JSON.parse(message);
        if (sessionId !== this.#attached || answer.id !== id) return;
        this.#session.off('Target.receivedMessageFromTarget', hear);
        const { result, exceptionDetails } = answer.result ?? {};
        if (!result || exceptionDetails) reject(new Error(exceptionDetails?.exception?.description ?? message));
        else resolve(result.value);
      };
      this.#session.on('Target.receivedMessageFromTarget', hear);
      this.#session.send('Target.sendMessageToTarget', { sessionId: this.#attached, message }).catch(reject);
    });
  }

  /** Opens another tab over it. */
  async hide(): Promise<void> {
    await this.#session.send('Target.createTarget', { url: 'about:blank' });
  }

  async show(): Promise<void> {
    await this.#session.send('Target.activateTarget', { targetId: this.#target });
  }
}
