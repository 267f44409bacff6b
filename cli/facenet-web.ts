#!/usr/bin/env node
// npx facenet-web COMMAND …: what has to be done once, outside the page. Each subcommand is a file beside this one and is
// loaded only when it is asked for. Exit codes: 0 done, 1 it went wrong, 2 it was called wrongly.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceNetError } from '../lib/core/errors.ts';
import { type Command, UsageError } from './command.ts';
import { packageRoot } from './package-root.ts';

const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  'copy-models': {
    summary: 'copies the weights and WebAssembly that a preset needs to where your site serves static files',
    load: async () => (await import('./copy-models.ts')).copyModels,
  },
  'add-model': {
    summary: "makes an embedder of your own, FaceNet's published weights for example, a models folder",
    load: async () => (await import('./add-model.ts')).addModel,
  },
};

const help = `usage: npx facenet-web COMMAND …

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
  .join('\n')}

  --help       says this, and behind a command what that takes
  --version    says the version of facenet-web
`;

main(process.argv.slice(2)).catch((error) => {
  // A code in front is for scripts to act on, as error.code is for programs.
  const code = error instanceof FaceNetError ? `${error.code}: ` : '';
  process.stderr.write(`facenet-web: ${code}${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});

async function main([name, ...args]: string[]): Promise<void> {
  if (name === '--version') return say(version());
  if (name === '--help' || name === '-h') return say(help);
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const what = name === undefined ? 'which command?' : `there is no command "${name}".`;
    throw new UsageError(`${what}\n\n${help}`);
  }
  const { usage, run } = await command.load();
  if (args.includes('--help') || args.includes('-h')) return say(usage);
  await run(args);
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

function say(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
