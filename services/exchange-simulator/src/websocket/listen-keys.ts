import { randomBytes } from 'node:crypto';

/** Source: Binance USD-M, user data streams: a key is valid for 60 minutes after it was made or last kept alive. */
const LIFETIME_MS = 60 * 60_000;

interface Grant {
  readonly key: string;
  expiresAtMs: number;
}

/** The keys that open a user data stream: one per account at a time, in wall time, because it is connections that they keep alive. */
export class ListenKeys {
  readonly #byAccount = new Map<string, Grant>();
  readonly #accountByKey = new Map<string, string>();

  /** Returns the account's live key, its life prolonged, or a new one. */
  open(accountId: string, wallMs: number): string {
    const live = this.extend(accountId, wallMs);
    if (live !== undefined) return live;
    this.close(accountId);
    const key = randomBytes(48).toString('base64url').replaceAll('-', 'a').replaceAll('_', 'b');
    this.#byAccount.set(accountId, { key, expiresAtMs: wallMs + LIFETIME_MS });
    this.#accountByKey.set(key, accountId);
    return key;
  }

  /** Returns the prolonged key, undefined when the account has none. */
  extend(accountId: string, wallMs: number): string | undefined {
    const grant = this.#byAccount.get(accountId);
    if (grant === undefined || grant.expiresAtMs <= wallMs) return undefined;
    grant.expiresAtMs = wallMs + LIFETIME_MS;
    return grant.key;
  }

  /** Ends the account's key and returns it. */
  close(accountId: string): string | undefined {
    const grant = this.#byAccount.get(accountId);
    if (grant === undefined) return undefined;
    this.#byAccount.delete(accountId);
    this.#accountByKey.delete(grant.key);
    return grant.key;
  }

  /** Whether a key of the account is open; without one nobody hears of it. */
  isOpen(accountId: string): boolean {
    return this.#byAccount.has(accountId);
  }

  accountOf(key: string): string | undefined {
    return this.#accountByKey.get(key);
  }

  /** Ends and returns the keys whose time has run out. */
  expire(wallMs: number): readonly { readonly accountId: string; readonly key: string }[] {
    const ended: { accountId: string; key: string }[] = [];
    for (const [accountId, grant] of this.#byAccount) {
      if (grant.expiresAtMs <= wallMs) ended.push({ accountId, key: grant.key });
    }
    for (const { accountId } of ended) this.close(accountId);
    return ended;
  }
}
