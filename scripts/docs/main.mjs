// npm run docs: docs-api/, the documentation of every entry point, from the docstrings. Anything that TypeDoc warns of, such
// as a link that leads nowhere, ends with exit code 1.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import './typescript-for-typedoc.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { Application } = await import('typedoc');
/** @type {{ exports: Record<string, { types?: string }> }} */
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const entryPoints = Object.entries(exports).flatMap(([name, { types }]) =>
  types && !name.endsWith('worker') ? [types.replace('./dist/types/', `${root}lib/`).replace(/\.d\.ts$/, '.ts')] : [],
);
const application = await Application.bootstrap({
  name: 'facenet-web',
  entryPoints,
  tsconfig: `${root}tsconfig.build.json`,
  out: process.argv[2] ?? `${root}docs-api`,
  readme: 'none',
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  hideGenerator: true,
  treatValidationWarningsAsErrors: true,
  // npm run check is what judges the types.
  skipErrorChecking: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
});
const project = await application.convert();
if (!project) process.exit(1);
application.validate(project);
if (application.logger.hasErrors()) process.exit(1);
await application.generateOutputs(project);
