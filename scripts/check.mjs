#!/usr/bin/env node
// npm run check: the fast gate, cheapest first. Prints one line each, and a tool's own words only when it found something.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp, suiteEnvironment } from './setup.mjs';

setUp({ needsStores: false });

const places = ['packages', 'services', 'scripts', 'tests', 'bench'].filter((place) => existsSync(join(root, place)));
const steps = [
  { name: 'format', command: 'biome', args: ['format', '.'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings', ...places] },
  { name: 'types', command: 'tsc', args: ['-b', '--pretty', 'false'] },
  {
    name: 'walls',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', ...places],
    // It goes on without TypeScript and then sees no imports at all: that must never pass.
    mustNotSay: /missing-tsc-transpiler|\bwarn\b/i,
    mustSay: /(\d{2,}) modules/,
  },
  { name: 'dead code', command: 'knip', args: ['--no-progress'] },
];

let isGood = true;
for (const { name, command, args, mustNotSay, mustSay } of steps) {
  const startedMs = Date.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    env: { ...suiteEnvironment(), FORCE_COLOR: '0' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const said = `${stdout ?? ''}${stderr ?? ''}${error === undefined ? '' : error.message}`;
  const passes = status === 0 && !(mustNotSay?.test(said) ?? false) && (mustSay?.test(said) ?? true);
  const seconds = ((Date.now() - startedMs) / 1_000).toFixed(1);
  process.stdout.write(`${name.padEnd(10)} ${passes ? 'ok' : 'FAILED'}  ${seconds} s\n`);
  if (!passes) {
    isGood = false;
    process.stdout.write(`${said.trim()}\n`);
  }
}
process.exitCode = isGood ? 0 : 1;
