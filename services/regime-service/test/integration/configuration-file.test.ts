import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@qt/testing';
import type { LiveConfiguration } from '../../src/configuration/live-configuration.ts';
import { quietParts } from '../support/quiet-parts.ts';

const withMargin = (ratio: number): string => `detection: { transition: { level_margin_ratio: ${ratio} } }\n`;

const MAKE_PIPE = 'mkfifo';

let folder: string;
let path: string;
let configuration: LiveConfiguration;
let registry: ReturnType<typeof quietParts>['registry'];

const begin = async (): Promise<void> => {
  const parts = quietParts(path);
  ({ registry } = parts);
  configuration = parts.configuration;
  registry.add('configuration_manager', configuration);
  await configuration.start();
};
const margin = (): number => configuration.settings.detection.transition.level_margin_ratio;
const stateOf = async (): Promise<string | undefined> => (await registry.report('configuration_manager'))?.state;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-settings-'));
  path = join(folder, 'config.yaml');
  writeFileSync(path, withMargin(0.5));
});
afterEach(async () => {
  await configuration.stop();
  rmSync(folder, { recursive: true });
});

describe('the file of the settings', () => {
  it('is taken in when it is written anew, and its listeners hear what changed', async () => {
    await begin();
    const heard: unknown[] = [];
    configuration.onChange((_settings, changes) => heard.push(...changes));
    writeFileSync(path, withMargin(0.4));
    await eventually(() => margin() === 0.4);
    expect(heard).toEqual([{ path: 'detection.transition.level_margin_ratio', from: 0.5, to: 0.4 }]);
  });

  it('is taken in when an editor replaces it', async () => {
    await begin();
    writeFileSync(`${path}.new`, withMargin(0.3));
    renameSync(`${path}.new`, path);
    await eventually(() => margin() === 0.3);
  });

  it('is taken in when an orchestrator swaps the link above it', async () => {
    const mounted = join(folder, 'mounted');
    for (const [version, ratio] of Object.entries({ v1: 0.5, v2: 0.35 })) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'config.yaml'), withMargin(ratio));
    }
    symlinkSync(join(folder, 'v1'), mounted);
    path = join(mounted, 'config.yaml');
    await begin();
    symlinkSync(join(folder, 'v2'), `${mounted}.new`);
    renameSync(`${mounted}.new`, mounted);
    await eventually(() => margin() === 0.35);
  });

  it.each([
    { name: 'broken', spoil: () => writeFileSync(path, 'detection: [') },
    { name: 'wrong', spoil: () => writeFileSync(path, withMargin(7)) },
    { name: 'gone', spoil: () => rmSync(path) },
    { name: 'within itself', spoil: () => writeFileSync(path, 'logging: &a\n  components: *a\n') },
    { name: 'larger than any configuration', spoil: () => writeFileSync(path, `#${'x'.repeat(1_000_000)}`) },
    {
      name: 'a folder now',
      spoil: () => {
        rmSync(path);
        mkdirSync(path);
      },
    },
    {
      name: 'a pipe now, which nobody writes to',
      spoil: () => {
        rmSync(path);
        execFileSync(MAKE_PIPE, [path]);
      },
    },
  ])('changes nothing when it is $name; the component says so until a good one is there', async ({ spoil }) => {
    await begin();
    spoil();
    await eventually(async () => (await stateOf()) === 'degraded');
    expect(margin()).toBe(0.5);
    const report = await registry.report('configuration_manager');
    expect(report?.last_error?.code).toMatch(/^CONFIG_(INVALID|UNREADABLE)$/);
    expect(report?.detail).toContain('config.yaml');
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, withMargin(0.45));
    await eventually(async () => (await stateOf()) === 'running');
    expect(margin()).toBe(0.45);
  });

  it('recovers also when the very file of before comes back', async () => {
    await begin();
    writeFileSync(path, 'nope: 1');
    await eventually(async () => (await stateOf()) === 'degraded');
    writeFileSync(path, withMargin(0.5));
    await eventually(async () => (await stateOf()) === 'running');
  });

  it('takes what is hot and says by name what waits for a restart', async () => {
    await begin();
    writeFileSync(path, 'detection: { warmup_candles: 300, transition: { level_margin_ratio: 0.4 } }');
    const outcome = configuration.reload('a test');
    expect(outcome).toMatchObject({ kind: 'applied', restartNeeded: ['detection.warmup_candles'] });
    expect(margin()).toBe(0.4);
    expect(configuration.settings.detection.warmup_candles).toBe(200);
    expect((await registry.report('configuration_manager'))?.metrics).toMatchObject({
      restart_needed: 'detection.warmup_candles',
    });
  });

  it('takes back what was set over HTTP', async () => {
    await begin();
    expect(configuration.put({ detection: { transition: { level_margin_ratio: 0.6 } } }, 'a test').kind).toBe(
      'applied',
    );
    expect(margin()).toBe(0.6);
    configuration.reload('a test');
    expect(margin()).toBe(0.5);
  });
});
