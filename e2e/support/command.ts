import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a JavaScript file in Node. */
export function runNode(file: string, ...args: string[]): Promise<CommandResult> {
  return run(process.execPath, [file, ...args]);
}

/** Runs a TypeScript file of the repository in Node, without the set-up that its npm script runs first. */
export function runScript(file: string, ...args: string[]): Promise<CommandResult> {
  return run(process.execPath, ['--import', 'tsx', file, ...args]);
}

/** Runs an npm script, as a user does. */
export function runNpm(
  script: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<CommandResult> {
  return run('npm', ['run', '--silent', script, '--', ...args], environment);
}

function run(program: string, args: string[], environment: Record<string, string> = {}): Promise<CommandResult> {
  const options = {
    cwd: root,
    env: { ...process.env, INIT_CWD: root, ...environment },
    shell: process.platform === 'win32',
    // The faces of one photo, with meshes and embeddings, can be some megabytes of JSON.
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}
