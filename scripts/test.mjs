#!/usr/bin/env node
// npm test: the same set-up as npm start, then every jest project, then one plain line of counts.
// Arguments: names of projects to run (unit, contract, integration, e2e); everything after `--` goes to jest.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveUp, root, setUp, suiteEnvironment, suiteNode } from './setup.mjs';

const allProjects = ['unit', 'contract', 'integration', 'e2e'];
const given = process.argv.slice(2);
const separator = given.indexOf('--');
const named = separator < 0 ? given : given.slice(0, separator);
const forJest = separator < 0 ? [] : given.slice(separator + 1);
const unknown = named.filter((name) => !allProjects.includes(name));
if (unknown.length > 0) giveUp(`found ${unknown.join(', ')}; expected projects among ${allProjects.join(', ')}`);
const projects = named.length > 0 ? named : allProjects;

setUp({ needsStores: true });
const node = suiteNode();
const scratch = mkdtempSync(join(tmpdir(), 'qt-test-'));

/** Starts one Postgres for the whole run; each test file makes its own database in it. Resolves with its address. */
const startSharedPostgres = () => {
  const script = `const { startPostgres } = await import('./packages/testing/src/index.ts');
    console.log((await startPostgres()).url); process.stdin.resume(); process.stdin.on('end', () => process.exit());`;
  const child = spawn(node, ['--input-type=module', '-e', script], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  return new Promise((done) => {
    child.stdout.once('data', (chunk) => done({ url: String(chunk).trim(), stop: () => child.stdin.end() }));
    child.once('exit', () => done({ url: '', stop: () => undefined }));
  });
};

const runProject = (project, postgresUrl) => {
  const outputFile = join(scratch, `${project}.json`);
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [jest, '--selectProjects', project, '--json', `--outputFile=${outputFile}`, ...forJest];
  // Suites that start whole stacks would starve each other on a small machine.
  if (project === 'e2e') args.push('--runInBand');
  const { status } = spawnSync(node, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...suiteEnvironment(),
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      QT_TEST_POSTGRES_URL: postgresUrl,
    },
  });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, numTotalTests } = JSON.parse(
      readFileSync(outputFile, 'utf8'),
    );
    return {
      passed: numPassedTests,
      failed: numFailedTests + numRuntimeErrorTestSuites,
      skipped: numPendingTests,
      isGood: status === 0 && numTotalTests > 0,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0, isGood: false }; // jest ended before it could write: its own words are above
  }
};

const needsPostgres = projects.some((project) => project === 'integration' || project === 'e2e');
const postgres = needsPostgres ? await startSharedPostgres() : { url: '', stop: () => undefined };
const totals = { passed: 0, failed: 0, skipped: 0 };
const bad = [];
for (const project of projects) {
  const startedMs = Date.now();
  const { passed, failed, skipped, isGood } = runProject(project, postgres.url);
  const seconds = ((Date.now() - startedMs) / 1_000).toFixed(1);
  process.stdout.write(`${project}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s\n`);
  totals.passed += passed;
  totals.failed += failed;
  totals.skipped += skipped;
  if (!isGood) bad.push(passed + failed === 0 ? `${project} (no tests ran)` : project);
}
postgres.stop();
rmSync(scratch, { recursive: true, force: true });
if (bad.length > 0) process.stdout.write(`not good: ${bad.join(', ')}\n`);
// A project that could not run at all must not look like success in the last line.
const failed = bad.length > 0 && totals.failed === 0 ? bad.length : totals.failed;
process.stdout.write(`${totals.passed} passed, ${failed} failed\n`);
process.exitCode = bad.length === 0 ? 0 : 1;
