#!/usr/bin/env node
// Runs `qt` on the Node the project pins, whichever Node was called.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, setUp, suiteEnvironment, suiteNode } from './setup.mjs';

/** Runs the command line in a child process, passes signals on, and ends as it ends. */
export const runQt = (args) => {
  const child = spawn(
    suiteNode(),
    ['--max-semi-space-size=8', join(root, 'packages', 'cli', 'src', 'main.ts'), ...args],
    {
      stdio: 'inherit',
      env: {
        ...suiteEnvironment(),
        // Compiled code of the last run: a third off the start of every process.
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'qt-compiled'),
        QT_FOLLOWS_PARENT: '1',
      },
    },
  );
  // Ctrl-C reaches the child by itself (same terminal); it decides when all has been stopped.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npx dies of a signal without passing it on: what it called must not run on alone.
  const parent = process.ppid;
  if (process.env.npm_command !== undefined) {
    setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 500).unref();
  }
  child.on('error', (error) => {
    process.stderr.write(`cannot start ${suiteNode()}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
};

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  setUp({ needsStores: false });
  runQt(process.argv.slice(2));
}
