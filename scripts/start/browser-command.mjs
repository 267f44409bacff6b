import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The command that opens a URL in the default browser; undefined on a machine without a desktop.
 *
 * @returns {[command: string, ...args: string[]] | undefined}
 */
export function browserCommand(platform = process.platform, environment = process.env) {
  if (platform === 'darwin') return ['open'];
  // `start` takes its first quoted argument as a window title.
  if (platform === 'win32') return ['cmd', '/c', 'start', ''];
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return undefined;
  const folders = (environment.PATH ?? '').split(delimiter);
  const name = ['xdg-open', 'sensible-browser'].find((each) =>
    folders.some((folder) => existsSync(join(folder, each))),
  );
  return name ? [name] : undefined;
}
