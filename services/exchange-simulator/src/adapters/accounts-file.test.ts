import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError } from '@qt/kernel';
import { fixed } from '../domain/fixed.ts';
import { type AccountPlan, readAccountsFile } from './accounts-file.ts';

const pem = (type: 'ed25519' | 'x25519', half: 'publicKey' | 'privateKey' = 'publicKey'): string => {
  const pair = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  return half === 'publicKey'
    ? pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    : pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
};
const HMAC = { key: 'key-of-the-first-account', secret: 'secret-of-the-first' };

describe('readAccountsFile', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'qt-accounts-'));
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const read = (content: unknown): readonly AccountPlan[] => {
    const path = join(directory, 'accounts.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return readAccountsFile(path);
  };
  const faultsOf = (content: unknown): string => {
    try {
      read(content);
      return 'accepted';
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'ACCOUNTS_FILE_INVALID') return thrown.message;
      throw thrown;
    }
  };

  it('reads accounts of every kind', () => {
    const plans = read({
      accounts: [
        { id: 'maker', startBalanceUsdt: '250.5', startBnb: '1', feeTier: 3, hedgeMode: true, keys: [HMAC] },
        {
          id: 'watcher',
          keys: [
            {
              name: 'read only',
              key: 'key-that-only-reads',
              type: 'ed25519',
              publicKeyPem: pem('ed25519'),
              permissions: ['read'],
            },
            { key: 'key-for-one-address', secret: 'x'.repeat(16), ips: ['127.0.0.1'], isEnabled: false },
          ],
        },
      ],
    });
    expect(plans).toMatchObject([
      { accountId: 'maker', startBalance: fixed('250.5'), startBnb: fixed('1'), feeTier: 3, hedgeMode: true },
      { accountId: 'watcher', startBalance: fixed('10000'), hedgeMode: false },
    ]);
    expect(
      plans.flatMap(({ keys }) =>
        keys.map(({ accountId, type, permissions, ips, isEnabled }) => ({
          accountId,
          type,
          permissions: [...permissions],
          ips: ips === null ? null : [...ips],
          isEnabled,
        })),
      ),
    ).toEqual([
      { accountId: 'maker', type: 'hmac', permissions: ['read', 'trade'], ips: null, isEnabled: true },
      { accountId: 'watcher', type: 'ed25519', permissions: ['read'], ips: null, isEnabled: true },
      { accountId: 'watcher', type: 'hmac', permissions: ['read', 'trade'], ips: ['127.0.0.1'], isEnabled: false },
    ]);
  });

  it('names every fault at once', () => {
    const text = faultsOf({
      accounts: [
        { id: 'a b', startBalanceUsdt: 100, keys: [{ key: 'short', secret: 's' }] },
        { id: 'twin', keys: [{ ...HMAC, type: 'rsa' }, HMAC] },
        { id: 'twin', feeTier: 12, keys: [], colour: 'red' },
        {
          id: 'pems',
          keys: [
            { key: 'key-with-another-curve', type: 'ed25519', publicKeyPem: pem('x25519') },
            { key: 'key-with-private-half0', type: 'ed25519', publicKeyPem: pem('ed25519', 'privateKey') },
          ],
        },
      ],
    });
    for (const place of [
      'accounts[0].id: expected 1 to 64',
      'accounts[0].startBalanceUsdt: ',
      'accounts[0].keys[0].key: expected 16 to 128',
      'accounts[0].keys[0].secret: expected at least 16',
      'accounts[1].keys[0].secret: is of no use to a key of type rsa',
      'accounts[1].keys[0].publicKeyPem: is missing',
      'accounts[2].feeTier: ',
      'accounts[2].keys: expected at least one key',
      'accounts[2]: Unrecognized key: "colour"',
      'accounts[3].keys[0].publicKeyPem: expected the PEM of an ed25519 public key, found x25519',
      'accounts[3].keys[1].publicKeyPem: expected the PEM of an ed25519 public key, found none',
    ])
      expect(text).toContain(place);
  });

  it('does not take the same id or key twice', () => {
    const text = faultsOf({
      accounts: [
        { id: 'twin', keys: [HMAC] },
        { id: 'twin', keys: [HMAC] },
      ],
    });
    expect(text).toContain('accounts[1].id: another account has the id twin');
    expect(text).toContain('accounts[1].keys[0].key: account twin has the same key');
  });

  it.each(['{', '', '[]', '{"accounts":[]}'])('refuses %j', (content) => {
    expect(faultsOf(content)).toContain('accounts.json');
  });

  it('never shows a secret', () => {
    const secret = 'this-is-very-secret-indeed';
    expect(faultsOf({ accounts: [{ id: 'a', keys: [{ key: 'k', secret, colour: secret }] }] })).not.toContain(secret);
  });
});
