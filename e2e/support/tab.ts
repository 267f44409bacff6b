import type { Browser, CDPSession, Page } from 'playwright/test';

/** A tab that Playwright does not control. Playwright makes its own pages believe that they are visible, even behind others. */
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
    // The tab starts with about:blank.
    const isThere = () => document.readyState === 'complete' && location.protocol !== 'about:';
    while (!(await tab.evaluate(isThere).catch(() => false)));
    return tab;
  }

  /** Like `evaluate` of Playwright's Page, for JSON arguments and results. */
  readonly evaluate: Page['evaluate'] = (run: unknown, given?: unknown) =>
    this.#run(`(${run})(${JSON.stringify(given)})`);

  async #run<Answer>(expression: string): Promise<Answer> {
    const id = ++this.#calls;
    const params = { expression, awaitPromise: true, returnByValue: true };
    const message = JSON.stringify({ id, method: 'Runtime.evaluate', params });
    return new Promise((resolve, reject) => {
      const onMessage = ({ sessionId, message }: { sessionId: string; message: string }) => {
        const answer = JSON.parse(message);
        if (sessionId !== this.#attached || answer.id !== id) return;
        this.#session.off('Target.receivedMessageFromTarget', onMessage);
        const { result, exceptionDetails } = answer.result ?? {};
        if (!result || exceptionDetails) reject(new Error(exceptionDetails?.exception?.description ?? message));
        else resolve(result.value);
      };
      this.#session.on('Target.receivedMessageFromTarget', onMessage);
      this.#session.send('Target.sendMessageToTarget', { sessionId: this.#attached, message }).catch(reject);
    });
  }

  /** Opens another tab in front. */
  async hide(): Promise<void> {
    await this.#session.send('Target.createTarget', { url: 'about:blank' });
  }

  async show(): Promise<void> {
    await this.#session.send('Target.activateTarget', { targetId: this.#target });
  }
}
