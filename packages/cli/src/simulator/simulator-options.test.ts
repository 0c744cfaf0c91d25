import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { planSimulator, type RawSimulatorOptions } from './simulator-options.ts';
import { inFlags } from './venue-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const aFile = (name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, '');
  return path;
};
const btc = aFile('BTCUSDT_um_1m_2023.csv');
const plan = (raw: RawSimulatorOptions) => planSimulator(raw, () => folder);

describe('planSimulator', () => {
  it('generates a market that happens now, at the pace of the clock, with one account whose keys it makes', async () => {
    const { environment, credentials, isNow } = await plan({});
    expect(environment).toMatchObject({
      SIM_MARKET: 'generated',
      SIM_SPEED: '1',
      SIM_SEED: '1',
      SIM_SHIFT_TO_NOW: 'true',
      PORT: '8090',
    });
    expect(isNow).toBe(true);
    expect(credentials?.areOurs).toBe(true);
    expect(environment['SIM_API_KEY']).toMatch(/^[0-9a-f]{64}$/);
    expect((await plan({})).environment['SIM_API_KEY']).not.toBe(environment['SIM_API_KEY']);
  });

  it.each([
    { name: 'a replay at 60x in its own time', raw: { replay: btc }, speed: '60', isNow: 'false' },
    { name: 'a replay that happens now at 1x', raw: { replay: btc, now: true }, speed: '1', isNow: 'true' },
    { name: 'a generated market at 60x in its own time', raw: { speed: '60x' }, speed: '60', isNow: 'false' },
    { name: 'full speed', raw: { replay: btc, speed: 'max' }, speed: 'max', isNow: 'false' },
    { name: 'a market that only the control API moves', raw: { speed: 'stepped' }, speed: 'stepped', isNow: 'false' },
  ])('plays $name', async ({ raw, speed, isNow }) => {
    expect((await plan(raw)).environment).toMatchObject({ SIM_SPEED: speed, SIM_SHIFT_TO_NOW: isNow });
  });

  it('hands over files, seeds and keys under the names of the simulator', async () => {
    const accounts = aFile('accounts.json');
    const { environment, credentials } = await plan({ market: '7', accounts, ledger: join(folder, 'l'), port: '0' });
    expect(environment).toMatchObject({
      SIM_SEED: '7',
      SIM_ACCOUNTS_FILE: accounts,
      SIM_LEDGER_FILE: join(folder, 'l'),
      PORT: '0',
    });
    expect(credentials).toBeNull();
    expect(Object.keys(environment)).not.toContain('SIM_API_KEY');
  });

  it.each([
    { name: 'two markets', raw: { replay: btc, market: '1' }, says: 'exclude each other' },
    { name: 'two seeds', raw: { market: '1', seed: '2' }, says: 'share one seed' },
    { name: 'half a pair of keys', raw: { apiKey: 'k'.repeat(20) }, says: 'come together' },
    { name: 'keys twice', raw: { apiKey: 'k', apiSecret: 's', accounts: btc }, says: 'leave out --api-key' },
    { name: 'a missing file', raw: { replay: '/nowhere/BTCUSDT_um_1m_x.csv' }, says: 'found no file' },
    { name: 'a missing scenario', raw: { scenario: '/nowhere/s.json' }, says: '--scenario: found no file' },
    { name: 'funding without files', raw: { funding: btc }, says: 'goes with --replay' },
    { name: 'a speed that is none', raw: { speed: 'fast' }, says: 'or stepped' },
    { name: 'a port that is none', raw: { port: 'http' }, says: '--port' },
  ])('refuses $name', async ({ raw, says }) => {
    await expect(plan(raw)).rejects.toThrow(says);
  });
});

describe('inFlags', () => {
  it('says of a flag what the venue says of its variable', () => {
    const said = 'exchange-simulator: PORT_TAKEN: Port 8090 is taken. End it, or give this service another PORT\n';
    expect(inFlags(said)).toBe('Port 8090 is taken. End it, or give this service another --port\n');
    expect(inFlags('  - SIM_INTERVAL: found "7m"')).toBe('  - --interval: found "7m"');
    const short = 'expected at least 16 characters (in SIM_API_KEY, or in the file that SIM_API_KEY_FILE names)';
    expect(inFlags(`  - SIM_API_KEY: ${short}`)).toBe('  - --api-key: expected at least 16 characters');
  });
});
