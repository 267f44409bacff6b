// TypeDoc needs TypeScript's JavaScript API, which TypeScript 7 does not have. This module resolves its import of typescript
// to the older release that API Extractor depends on. Import it before TypeDoc.
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const own = createRequire(import.meta.url);
const url = pathToFileURL(createRequire(own.resolve('@microsoft/api-extractor')).resolve('typescript')).href;
const hooks = `export const resolve = (name, context, next) =>
  name === 'typescript' ? { url: ${JSON.stringify(url)}, format: 'commonjs', shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
