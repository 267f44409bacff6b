import { signal } from '@preact/signals';

/** What Chromium gives a page that can be installed; other browsers have it in a menu of their own. */
interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

/** Asks whether to install the page; undefined where the browser has no such question, or it is installed already. */
export const install = signal<(() => Promise<void>) | undefined>(undefined);

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  install.value = async () => {
    install.value = undefined;
    await (event as InstallPrompt).prompt();
  };
});
addEventListener('appinstalled', () => {
  install.value = undefined;
});
