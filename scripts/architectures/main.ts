// npm run architectures: computes the table of architectures anew, in docs/training.md.
import { fileURLToPath } from 'node:url';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { architectureTable } from './table.ts';

runCommand(async () => {
  writeBetweenMarks(
    fileURLToPath(new URL('../../docs/training.md', import.meta.url)),
    'architectures',
    architectureTable(),
  );
  return undefined;
});
