// npm run metadata: fills in the repository before the package is packed, in package.json and in the links of README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCommand } from '../kit/command.ts';
import { repositoryPath } from '../kit/paths.ts';
import { repositoryFields, withAbsoluteLinks } from './metadata.ts';

const usage = `usage: npm run metadata -- OWNER/NAME

Sets author, repository, homepage and bugs of package.json, and makes the links of README.md absolute, for npm. The release
workflow runs it with GITHUB_REPOSITORY. It changes both files: run it on a checkout that is packed, and do not commit the result.`;

runCommand(usage, async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [slug = ''] = positionals;
  if (!/^[\w.-]+\/[\w.-]+$/.test(slug)) throw new Error(usage);
  const path = repositoryPath('package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  writeFileSync(path, `${JSON.stringify({ ...manifest, ...repositoryFields(slug) }, undefined, 2)}\n`);
  const readme = repositoryPath('README.md');
  writeFileSync(readme, withAbsoluteLinks(readFileSync(readme, 'utf8'), slug, `v${manifest.version}`));
  return undefined;
});
