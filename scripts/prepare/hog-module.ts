// npm run prepare:hog: compiles assembly/hog into lib/detection/classical/dlib/hog-module.ts.
import { writeFileSync } from 'node:fs';
import { repositoryPath } from '../kit/paths.ts';
import { compileHogKernels } from './kernels.ts';

const base64 = (await compileHogKernels()).toString('base64');
writeFileSync(
  repositoryPath('lib/detection/classical/dlib/hog-module.ts'),
  `/** The kernels of assembly/hog, compiled by "npm run prepare:hog": a WebAssembly module in Base64. */\nexport const hogModule =\n  '${base64}';\n`,
);
