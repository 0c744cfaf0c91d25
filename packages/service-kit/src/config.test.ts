import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@qt/kernel';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { CommonConfig, loadConfig, secret } from './config.ts';

const schema = z.object({
  ...CommonConfig,
  VENUE_API_KEY: secret('VENUE_API_KEY'),
  IS_ON: z.stringbool().default(true),
});
const KEY = 'a-key-of-more-than-16-characters';
const good = {
  DATABASE_URL: 'postgres://user:hidden-password@127.0.0.1:5432/quantum',
  REDIS_URL: 'redis://127.0.0.1:6379',
  VENUE_API_KEY: KEY,
};

const faultsOf = (env: Record<string, string>): string => {
  try {
    loadConfig(schema, env);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('CONFIG_INVALID');
    return (error as AppError).message;
  }
  throw new Error('expected CONFIG_INVALID');
};

const secretFile = (content: string, mode = 0o600): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'qt-config-')), 'secret');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};

describe('loadConfig', () => {
  it('reads variables, lists and defaults', () => {
    const config = loadConfig(schema, { ...good, PORT: '8001', SYMBOLS: 'BTCUSDT, ETHUSDT', IS_ON: 'false' });
    expect(config).toMatchObject({ PORT: 8001, HOST: '127.0.0.1', CLOCK: 'wall', SYMBOLS: ['BTCUSDT', 'ETHUSDT'] });
    expect(config.IS_ON).toBe(false);
  });

  it('reads a secret from the file that X_FILE names', () => {
    const { VENUE_API_KEY: _, ...rest } = good;
    expect(loadConfig(schema, { ...rest, VENUE_API_KEY_FILE: secretFile(`${KEY}\n`) }).VENUE_API_KEY).toBe(KEY);
  });

  it('reports every fault at once, never a value that could be secret', () => {
    const text = faultsOf({
      PORT: 'abc',
      DATABASE_URL: 'mysql://root:toomuch@h/d',
      VENUE_API_KEY: 'short',
      CLOCK: 'moon',
    });
    for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL', 'VENUE_API_KEY', 'CLOCK']) expect(text).toContain(name);
    expect(text).toContain('found "abc"');
    expect(text).toContain('is not set');
    expect(text).not.toContain('short');
    expect(text).not.toContain('toomuch');
  });

  it.each([
    { name: 'everyone may read it', path: () => secretFile(KEY, 0o644), says: 'chmod 600' },
    { name: 'it is empty', path: () => secretFile('\n'), says: 'is empty' },
    { name: 'it is not there', path: () => '/nowhere/at/all', says: 'ENOENT' },
  ])('refuses a secret file when $name', ({ path, says }) => {
    const { VENUE_API_KEY: _, ...rest } = good;
    expect(faultsOf({ ...rest, VENUE_API_KEY_FILE: path() })).toContain(says);
  });

  it('refuses a value and a file for the same variable', () => {
    expect(faultsOf({ ...good, VENUE_API_KEY_FILE: secretFile(KEY) })).toContain('found both');
  });

  it('refuses a password that stands in published examples', () => {
    expect(faultsOf({ ...good, VENUE_API_KEY: 'quantum_admin_2025' })).toContain('published examples');
  });
});
