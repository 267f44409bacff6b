import { afterEach, describe, expect, test, vi } from 'vitest';
import { betweenPhotos } from '../../../lib/library/photos/pace.ts';

/** The part of a document that the pace uses. */
class FakeDocument extends EventTarget {
  hidden = true;
  listeners = 0;

  override addEventListener(...[type, listener, options]: Parameters<EventTarget['addEventListener']>): void {
    this.listeners++;
    const { signal } = options as { signal: AbortSignal };
    signal.addEventListener('abort', () => this.listeners--);
    super.addEventListener(type, listener, options);
  }
}

afterEach(() => vi.unstubAllGlobals());

describe('the wait while the page is hidden', () => {
  test('ends when the page is visible', async () => {
    const page = new FakeDocument();
    vi.stubGlobal('document', page);
    const waiting = betweenPhotos({ pauseWhenHidden: true });
    await vi.waitFor(() => expect(page.listeners).toBe(1));
    page.dispatchEvent(new Event('visibilitychange'));
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    await waiting;
    expect(page.listeners).toBe(0);
  });

  test('leaves no listener after an abort', async () => {
    const page = new FakeDocument();
    vi.stubGlobal('document', page);
    const controller = new AbortController();
    const waiting = betweenPhotos({ pauseWhenHidden: true, signal: controller.signal });
    await vi.waitFor(() => expect(page.listeners).toBe(1));
    controller.abort('stop');
    await expect(waiting).rejects.toBe('stop');
    expect(page.listeners).toBe(0);
  });
});
