import { createPublicKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '@qt/kernel';
import { z } from 'zod';
import type { SimulatorConfig } from '../config.ts';
import { type Fixed, fixed } from '../domain/fixed.ts';
import { type ApiKey, apiKeyOf } from '../http/api-keys.ts';

const DEFAULT_ACCOUNT_ID = 'account-1';
const HIGHEST_FEE_TIER = 9;

const Amount = z.string().regex(/^\d{1,12}(\.\d{1,8})?$/, 'expected a plain decimal in quotes such as "10000"');
const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, _ or -');
const ApiKeyText = z.string().regex(/^[A-Za-z0-9_-]{16,128}$/, 'expected 16 to 128 letters, digits, _ or -');

const keyKindOf = (pem: string): string | undefined => {
  // A private key would do, as its public half is inside; but it must not lie about in a file of the venue.
  if (pem.includes('PRIVATE KEY')) return undefined;
  try {
    return createPublicKey(pem).asymmetricKeyType;
  } catch {
    return undefined;
  }
};

const Key = z
  .strictObject({
    /** For the reader; the venue does not use it. */
    name: z.string().max(64).optional(),
    key: ApiKeyText,
    type: z.enum(['hmac', 'rsa', 'ed25519']).default('hmac'),
    secret: z.string().min(16, 'expected at least 16 characters').optional(),
    publicKeyPem: z.string().optional(),
    permissions: z.array(z.enum(['read', 'trade'])).default(['read', 'trade']),
    ips: z.array(z.union([z.ipv4(), z.ipv6()])).optional(),
    isEnabled: z.boolean().optional(),
  })
  .superRefine(({ type, secret, publicKeyPem }, context) => {
    const fault = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message });
    };
    if (type === 'hmac') {
      if (secret === undefined) fault('secret', 'is missing; a key of type hmac needs one');
      if (publicKeyPem !== undefined) fault('publicKeyPem', 'is of no use to a key of type hmac, which has a secret');
      return;
    }
    if (secret !== undefined) fault('secret', `is of no use to a key of type ${type}; its private half stays with you`);
    if (publicKeyPem === undefined) fault('publicKeyPem', `is missing; a key of type ${type} needs one`);
    else if (keyKindOf(publicKeyPem) !== type) {
      fault('publicKeyPem', `expected the PEM of an ${type} public key, found ${keyKindOf(publicKeyPem) ?? 'none'}`);
    }
  });

const Account = z.strictObject({
  id: Id,
  startBalanceUsdt: Amount.default('10000'),
  startBnb: Amount.default('0'),
  feeTier: z.int().min(0).max(HIGHEST_FEE_TIER).default(0),
  hedgeMode: z.boolean().default(false),
  keys: z.array(Key).min(1, 'expected at least one key'),
});

const AccountsFile = z
  .strictObject({ accounts: z.array(Account).min(1, 'expected at least one account') })
  .superRefine(({ accounts }, context) => {
    const owners = new Map<string, string>();
    const ids = new Set<string>();
    for (const [index, { id, keys }] of accounts.entries()) {
      const fault = (path: (string | number)[], message: string): void => {
        context.addIssue({ code: 'custom', path: ['accounts', index, ...path], message });
      };
      if (ids.has(id)) fault(['id'], `another account has the id ${id}`);
      ids.add(id);
      for (const [place, { key }] of keys.entries()) {
        const owner = owners.get(key);
        if (owner !== undefined) fault(['keys', place, 'key'], `account ${owner} has the same key`);
        owners.set(key, id);
      }
    }
  });

/** An account to be opened, with the keys that open it to clients. */
export interface AccountPlan {
  readonly accountId: string;
  readonly startBalance: Fixed;
  readonly startBnb: Fixed;
  readonly feeTier: number;
  readonly hedgeMode: boolean;
  readonly keys: readonly ApiKey[];
}

const refuse = (message: string, cause?: unknown): never => {
  throw new AppError('ACCOUNTS_FILE_INVALID', message, { retryable: false, ...(cause === undefined ? {} : { cause }) });
};

const parseJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    return refuse(`The accounts file ${path} cannot be read: ${messageOf(cause)}`, cause);
  }
};

const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);

/**
 * Returns the accounts that a file describes.
 *
 * Throws: ACCOUNTS_FILE_INVALID naming every fault of the file at once.
 */
export function readAccountsFile(path: string): readonly AccountPlan[] {
  const parsed = AccountsFile.safeParse(parseJson(path), { reportInput: false });
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${placeOf(issue.path) || 'the file'}: ${issue.message}`);
    return refuse(`The accounts file ${path} has ${faults.length} fault(s):\n${faults.join('\n')}`);
  }
  return parsed.data.accounts.map(({ id, startBalanceUsdt, startBnb, feeTier, hedgeMode, keys }) => ({
    accountId: id,
    startBalance: fixed(startBalanceUsdt),
    startBnb: fixed(startBnb),
    feeTier,
    hedgeMode,
    keys: keys.map((key) => apiKeyOf(id, key)),
  }));
}

/**
 * Returns the accounts of this run: those of the accounts file, or one with the key of the environment, or one with a key made now, which is
 * told to whoever starts the venue through `tell`.
 */
export function plannedAccounts(config: SimulatorConfig, tell: (text: string) => void): readonly AccountPlan[] {
  if (config.SIM_ACCOUNTS_FILE !== undefined) return readAccountsFile(config.SIM_ACCOUNTS_FILE);
  const key = config.SIM_API_KEY ?? randomBytes(32).toString('hex');
  const secret = config.SIM_API_SECRET ?? randomBytes(32).toString('hex');
  if (config.SIM_API_KEY === undefined || config.SIM_API_SECRET === undefined) {
    tell(`API key:    ${key}\nAPI secret: ${secret}\n`);
  }
  const draft = { key, type: 'hmac', secret, permissions: ['read', 'trade'] } as const;
  return [
    {
      accountId: DEFAULT_ACCOUNT_ID,
      startBalance: fixed(config.SIM_START_BALANCE_USDT),
      startBnb: fixed(config.SIM_START_BALANCE_BNB),
      feeTier: config.SIM_FEE_TIER,
      hedgeMode: false,
      keys: [apiKeyOf(DEFAULT_ACCOUNT_ID, draft)],
    },
  ];
}
