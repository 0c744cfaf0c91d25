import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ed25519 = generateKeyPairSync('ed25519');

/** A key and how its owner signs with it. */
export interface TestKey {
  readonly key: string;
  readonly sign: (text: string) => string;
}

const hmacKey = (key: string): TestKey & { readonly secret: string } => {
  const secret = `secret-of-${key}`;
  return { key, secret, sign: (text) => createHmac('sha256', secret).update(text).digest('hex') };
};

const withSecret = ({ key, secret }: { key: string; secret: string }) => ({ key, secret, type: 'hmac' });

export const HMAC = hmacKey('hmac-key-of-alice-00');
export const READ_ONLY = hmacKey('read-only-key-of-alice');
export const WITHOUT_RIGHTS = hmacKey('key-without-any-rights');
export const DISABLED = hmacKey('disabled-key-of-alice');
export const ELSEWHERE = hmacKey('key-for-another-address');
export const RSA: TestKey = {
  key: 'rsa-key-of-bob-00000',
  sign: (text) => sign('RSA-SHA256', Buffer.from(text), rsa.privateKey).toString('base64'),
};
export const ED25519: TestKey = {
  key: 'ed25519-key-of-bob-0',
  sign: (text) => sign(null, Buffer.from(text), ed25519.privateKey).toString('base64'),
};

/** An accounts file with a key of every kind: alice has secrets, bob has key pairs, BNB, a fee tier, and trades in hedge mode. */
export const ACCOUNTS = {
  accounts: [
    {
      id: 'alice',
      startBalanceUsdt: '5000',
      keys: [
        withSecret(HMAC),
        { ...withSecret(READ_ONLY), permissions: ['read'] },
        { ...withSecret(WITHOUT_RIGHTS), permissions: [] },
        { ...withSecret(DISABLED), isEnabled: false },
        { ...withSecret(ELSEWHERE), ips: ['10.1.2.3'] },
      ],
    },
    {
      id: 'bob',
      startBalanceUsdt: '7000',
      startBnb: '2',
      feeTier: 3,
      hedgeMode: true,
      keys: [
        { key: RSA.key, type: 'rsa', publicKeyPem: pemOf(rsa.publicKey) },
        { key: ED25519.key, type: 'ed25519', publicKeyPem: pemOf(ed25519.publicKey) },
      ],
    },
  ],
};
