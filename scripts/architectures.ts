// npm run architectures: computes the table of architectures anew, in docs/training.md.
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { writeBetweenMarks } from './document.ts';
import { architectureTable } from './training/table.ts';

runCommand(async () => {
  writeBetweenMarks(
    fileURLToPath(new URL('../docs/training.md', import.meta.url)),
    'architectures',
    architectureTable(),
  );
  return undefined;
});
