// npm run metadata: fills in the repository before the package is packed, in package.json and in the links of README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCommand } from '../kit/command.ts';
import { repositoryPath } from '../kit/paths.ts';
import { namesRepository, type RepositoryFields, repositoryFields, withAbsoluteLinks } from './metadata.ts';

const usage = `usage: npm run metadata -- OWNER/NAME
       npm run metadata -- --check

Sets author, repository, homepage and bugs of package.json, and makes the links of README.md absolute, for npm. The release
workflow runs it with GITHUB_REPOSITORY. It changes both files: run it on a checkout that is packed, and do not commit the result.

--check  fails if the fields are not set; "npm publish" runs it`;

runCommand(usage, async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { check: { type: 'boolean' } } });
  const path = repositoryPath('package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { version: string } & RepositoryFields;
  if (values.check) {
    if (!namesRepository(manifest)) throw new Error(`package.json names no repository yet. First run:\n\n${usage}`);
    return undefined;
  }
  const [slug = ''] = positionals;
  if (!/^[\w.-]+\/[\w.-]+$/.test(slug)) throw new Error(usage);
  writeFileSync(path, `${JSON.stringify({ ...manifest, ...repositoryFields(slug) }, undefined, 2)}\n`);
  const readme = repositoryPath('README.md');
  writeFileSync(readme, withAbsoluteLinks(readFileSync(readme, 'utf8'), slug, `v${manifest.version}`));
  return undefined;
});
