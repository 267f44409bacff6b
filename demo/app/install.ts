import { signal } from '@preact/signals';

/** Chromium's `beforeinstallprompt` event. Other browsers offer the installation in their own menus. */
interface BeforeInstallPromptEvent extends Event {
  prompt(): Promise<void>;
}

/** Shows the browser's install prompt. Undefined if the browser has none or the page is already installed. */
export const promptInstall = signal<(() => Promise<void>) | undefined>(undefined);

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  promptInstall.value = async () => {
    promptInstall.value = undefined;
    await (event as BeforeInstallPromptEvent).prompt();
  };
});
addEventListener('appinstalled', () => {
  promptInstall.value = undefined;
});
