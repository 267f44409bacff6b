import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** Where Debian installs PostgreSQL, and the control file of pgvector's extension. */
const root = '/usr/lib/postgresql';
const share = '/usr/share/postgresql';

/** The folder of initdb, postgres and pg_ctl of another installation, such as that of the Python package pgserver. */
const { POSTGRES_BIN } = process.env;

/** Why no PostgreSQL with pgvector can be started here; undefined if one can. */
export function missingPostgres(): string | undefined {
  const version = newestVersion();
  const extensions = POSTGRES_BIN ? join(POSTGRES_BIN, '../share/postgresql') : version && join(share, version);
  if (extensions === undefined) return 'PostgreSQL is not installed (Debian: postgresql), and POSTGRES_BIN is not set';
  if (existsSync(join(extensions, 'extension/vector.control'))) return undefined;
  return `pgvector is not installed in ${extensions} (Debian: postgresql-${version}-pgvector)`;
}

function newestVersion(): string | undefined {
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).filter((name) => existsSync(join(root, name, 'bin/initdb')));
  return versions.sort((a, b) => Number(b) - Number(a))[0];
}

/** Starts a PostgreSQL server in a folder of its own, reachable through a socket only. */
export async function startPostgres() {
  const bin = POSTGRES_BIN ?? join(root, newestVersion() as string, 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'facenet-postgres-'));
  const data = join(folder, 'data');
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  const asUser = (command: string, ...args: string[]): [string, string[]] =>
    isRoot ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args];
  if (isRoot) execFileSync('chown', ['postgres', folder]);
  execFileSync(...asUser(join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust'));
  // An HNSW index is built in memory if it fits, which is many times as fast.
  const settings = ['listen_addresses=', 'maintenance_work_mem=1GB', 'fsync=off'].flatMap((setting) => ['-c', setting]);
  const [command, args] = asUser(join(bin, 'postgres'), '-D', data, '-k', folder, ...settings);
  const server = spawn(command, args, { stdio: 'ignore' });
  const client = await connect(folder);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.end();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      execFileSync(...asUser(join(bin, 'pg_ctl'), 'stop', '-D', data, '-m', 'fast'));
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Connects as soon as the server accepts connections. */
async function connect(folder: string): Promise<Client> {
  for (let attempt = 0; ; attempt++) {
    const client = new Client({ host: folder, user: 'postgres', database: 'postgres' });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
