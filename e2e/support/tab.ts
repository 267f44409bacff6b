import type { Browser, CDPSession, Page } from 'playwright/test';

/** The result of `Runtime.evaluate`. */
interface EvaluateResult {
  result?: { value: unknown };
  exceptionDetails?: { exception?: { description?: string } };
}

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
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (!result || exceptionDetails) throw new Error(exceptionDetails?.exception?.description ?? expression);
    return result.value as Answer;
  }

  /** Sends a command of the DevTools protocol to the tab. */
  async #send(method: string, params: object): Promise<EvaluateResult> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      const onMessage = ({ sessionId, message }: { sessionId: string; message: string }) => {
        const answer = JSON.parse(message);
        if (sessionId !== this.#attached || answer.id !== id) return;
        this.#session.off('Target.receivedMessageFromTarget', onMessage);
        if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
        else resolve(answer.result);
      };
      this.#session.on('Target.receivedMessageFromTarget', onMessage);
      const message = JSON.stringify({ id, method, params });
      this.#session.send('Target.sendMessageToTarget', { sessionId: this.#attached, message }).catch(reject);
    });
  }

  /** Freezes the tab, which hides it, or resumes it. */
  async setFrozen(frozen: boolean): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' });
  }

  /** Opens another tab in front. */
  async hide(): Promise<void> {
    await this.#session.send('Target.createTarget', { url: 'about:blank' });
  }

  async show(): Promise<void> {
    await this.#session.send('Target.activateTarget', { targetId: this.#target });
  }
}
