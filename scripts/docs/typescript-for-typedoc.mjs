// TypeDoc reads the sources through TypeScript's JavaScript API, which TypeScript 7 does not have. It is handed the release
// that comes with API Extractor.
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const own = createRequire(import.meta.url);
const url = pathToFileURL(createRequire(own.resolve('@microsoft/api-extractor')).resolve('typescript')).href;
const hooks = `export const resolve = (name, context, next) =>
  name === 'typescript' ? { url: ${JSON.stringify(url)}, format: 'commonjs', shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
