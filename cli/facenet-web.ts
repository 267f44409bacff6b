#!/usr/bin/env node
// The command `npx facenet-web COMMAND`. Each subcommand is a module that is loaded on demand.
// Exit codes: 0 success, 1 failure, 2 invalid arguments.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceNetError } from '../lib/core/errors.ts';
import { type Command, UsageError } from './command.ts';
import { packageRoot } from './package-root.ts';

const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  'copy-models': {
    summary: 'copy the weights and WebAssembly of a preset to the folder of your static files',
    load: async () => (await import('./copy-models.ts')).copyModels,
  },
  'add-model': {
    summary: 'convert your own embedder, such as published FaceNet weights, to a models folder',
    load: async () => (await import('./add-model.ts')).addModel,
  },
};

const help = `usage: npx facenet-web COMMAND …

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
  .join('\n')}

  --help       print this help, or that of a command
  --version    print the version of facenet-web
`;

main(process.argv.slice(2)).catch((error) => {
  // The error code comes first, so that scripts can act on it.
  const code = error instanceof FaceNetError ? `${error.code}: ` : '';
  process.stderr.write(`facenet-web: ${code}${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});

async function main([name, ...args]: string[]): Promise<void> {
  if (name === '--version') return print(version());
  if (name === '--help' || name === '-h') return print(help);
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const problem = name === undefined ? 'no command given.' : `there is no command "${name}".`;
    throw new UsageError(`${problem}\n\n${help}`);
  }
  const { usage, run } = await command.load();
  if (args.includes('--help') || args.includes('-h')) return print(usage);
  await run(args);
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
