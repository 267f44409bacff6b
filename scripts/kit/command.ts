import { fileURLToPath } from 'node:url';

/**
 * Runs a script to its end and exits. An error is printed as one line on standard error, with exit code 2. `--help` prints
 * the usage and exits with 0.
 *
 * @param main returns the exit code; undefined is 0.
 */
export function runCommand(usage: string, main: () => Promise<number | undefined>): void {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  main().then(
    (code = 0) => process.exit(code),
    (error) => {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exit(2);
    },
  );
}

/** An error from a page has Playwright's prefix, and the page's stack after the first line. */
function messageOf(error: unknown): string {
  const text = String(error instanceof Error ? error.message : error);
  const message = text.startsWith('page.evaluate: ') ? (text.split('\n')[0] as string) : text;
  return message.replace(/^page\.evaluate: (\w*Error: )?/, '');
}

/** Whether a module is the script that Node runs. @param url its `import.meta.url`. */
export function isMainModule(url: string): boolean {
  return process.argv[1] === fileURLToPath(url);
}
