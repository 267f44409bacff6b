/**
 * Runs a command-line tool to its end. What goes wrong is told in one line on standard error, with exit code 2.
 *
 * @param main gives the exit code, or nothing for 0.
 */
export function runCommand(main: () => Promise<number | undefined>): void {
  main().then(
    (code = 0) => process.exit(code),
    (error) => {
      // What went wrong in a page arrives with Playwright's words in front of it and the page's stack behind.
      const text = String(error instanceof Error ? error.message : error);
      const message = text.startsWith('page.evaluate: ') ? (text.split('\n')[0] as string) : text;
      process.stderr.write(`${message.replace(/^page\.evaluate: (\w*Error: )?/, '')}\n`);
      process.exit(2);
    },
  );
}
