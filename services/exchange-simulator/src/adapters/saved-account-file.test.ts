import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SimulatorConfig } from '../config.ts';
import { forgetSaved, readKeptAccount } from './saved-account-file.ts';

describe('the saved accounts', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'qt-saved-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each(['null', '[]', '{"version":2,"venue":{}}', '{"version":2,"venue":{"accounts":{}}}', '{"version":1}', '{'])(
    'refuses %s in one sentence',
    (text) => {
      const path = join(directory, 'saved.json');
      writeFileSync(path, text);
      const config = SimulatorConfig.parse({ SIM_STATE_FILE: path, SIM_KEEP_ACCOUNT: 'true' });
      expect(() => readKeptAccount(config)).toThrow(/^The account of the last run cannot be kept: /);
    },
  );

  it('refuses at the start a place where nothing can be saved at the end', () => {
    expect(() => forgetSaved(join(directory, 'nowhere', 'saved.json'))).toThrow(/^The accounts cannot be saved at /);
  });
});
