// npm run docs: builds the documentation site in docs-site/: README.md, the guides of docs/, and the reference of every entry
// point from the docstrings, with search. A broken link in a docstring is an error.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './typescript-for-typedoc.mjs';
import { reportUndocumentedParameters } from './documented-parameters.mjs';
import { addDemoLink, copyDemo, copyExamples, nameGuides, writeExamplesPage } from './site.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const typedoc = await import('typedoc');
/** @type {{ exports: Record<string, { types?: string }> }} */
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entryPoints = Object.entries(exports).flatMap(([name, { types }]) =>
  types && !name.endsWith('worker') ? [types.replace('./dist/types/', `${root}lib/`).replace(/\.d\.ts$/, '.ts')] : [],
);
const out = process.argv[2] ?? join(root, 'docs-site');
const examplesPage = writeExamplesPage(root);

const application = await typedoc.Application.bootstrap({
  name: 'facenet-web',
  entryPoints,
  tsconfig: join(root, 'tsconfig.build.json'),
  out,
  readme: join(root, 'README.md'),
  projectDocuments: [examplesPage, join(root, 'docs/*.md')],
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  hideGenerator: true,
  highlightLanguages: ['bash', 'css', 'html', 'http', 'javascript', 'json', 'tsx', 'typescript'],
  treatValidationWarningsAsErrors: true,
  // npm run check checks the types.
  skipErrorChecking: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
});
nameGuides(application, typedoc);
addDemoLink(application, typedoc);

const project = await application.convert();
if (!project) process.exit(1);
application.validate(project);
reportUndocumentedParameters(application, project, typedoc);
if (application.logger.hasErrors()) process.exit(1);
await application.generateOutputs(project);
rmSync(examplesPage);
copyExamples(root, out);
if (existsSync(join(root, 'dist-demo'))) copyDemo(root, out);
