#!/usr/bin/env node
// The package's command, `npx facenet-web`; `npm run models:add` in a clone. Built into dist/bin/ with all that it needs.
import { runCommand } from './command.ts';

const usage = `usage: facenet-web COMMAND

add-model   makes an embedder of your own, FaceNet's published weights for example, a models folder; without more it tells how`;

runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  if (command !== 'add-model') throw new Error(usage);
  const { addModel } = await import('./models/add-model.ts');
  return addModel(args);
});
