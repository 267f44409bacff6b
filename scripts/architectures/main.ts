// npm run architectures: computes the table of architectures in docs/training.md.
import { runCommand } from '../kit/command.ts';
import { writeSection } from '../kit/markdown.ts';
import { repositoryPath } from '../kit/paths.ts';
import { architectureTable } from './table.ts';

runCommand('usage: npm run architectures', async () => {
  writeSection(repositoryPath('docs/training.md'), 'architectures', architectureTable());
  return undefined;
});
