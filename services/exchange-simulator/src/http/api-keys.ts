import { createHmac, createPublicKey, createSecretKey, timingSafeEqual, verify } from 'node:crypto';

/** How requests of a key are signed. */
export type KeyType = 'hmac' | 'rsa' | 'ed25519';
/** What a key may do: commands need `trade`, everything else that is signed `read`. */
export type Permission = 'read' | 'trade';

/** What an account has shown its venue: an HMAC secret that both know, or the public half of a key pair. */
export interface KeyDraft {
  readonly key: string;
  readonly type: KeyType;
  readonly secret?: string | undefined;
  readonly publicKeyPem?: string | undefined;
  readonly permissions: readonly Permission[];
  /** Addresses that may use it; without it all may. */
  readonly ips?: readonly string[] | undefined;
  readonly isEnabled?: boolean | undefined;
}

/** An account's credentials. */
export interface ApiKey {
  readonly accountId: string;
  readonly key: string;
  readonly type: KeyType;
  readonly permissions: ReadonlySet<Permission>;
  /** Null: all addresses may use it. */
  readonly ips: ReadonlySet<string> | null;
  readonly isEnabled: boolean;
  /**
   * Returns whether the signature, hex of HMAC keys and base64 of the others, is the owner's over the payload.
   *
   * Shape: payload with one character per byte.
   */
  readonly isSignedBy: (payload: string, signature: string) => boolean;
}

/** Returns who shows this key, undefined when nobody does. */
export type FindKey = (key: string) => ApiKey | undefined;

const HEX_SHA256 = /^[0-9a-f]{64}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const hmacCheck = (secret: string): ApiKey['isSignedBy'] => {
  const secretKey = createSecretKey(Buffer.from(secret));
  return (payload, signature) => {
    if (!HEX_SHA256.test(signature)) return false;
    const expected = createHmac('sha256', secretKey).update(payload, 'latin1').digest();
    return timingSafeEqual(Buffer.from(signature, 'hex'), expected);
  };
};

/** Ed25519 has its hash inside; RSA signs a SHA-256 with PKCS #1 v1.5 padding, which is node's default. */
const publicKeyCheck = (pem: string, algorithm: 'RSA-SHA256' | null): ApiKey['isSignedBy'] => {
  const publicKey = createPublicKey(pem);
  return (payload, signature) =>
    signature !== '' &&
    BASE64.test(signature) &&
    verify(algorithm, Buffer.from(payload, 'latin1'), publicKey, Buffer.from(signature, 'base64'));
};

/** Returns a key of an account. Throws what node throws on a PEM that is no public key. */
export function apiKeyOf(accountId: string, draft: KeyDraft): ApiKey {
  const { key, type, secret = '', publicKeyPem = '', permissions, ips, isEnabled = true } = draft;
  return {
    accountId,
    key,
    type,
    permissions: new Set(permissions),
    ips: ips === undefined ? null : new Set(ips),
    isEnabled,
    isSignedBy:
      type === 'hmac' ? hmacCheck(secret) : publicKeyCheck(publicKeyPem, type === 'rsa' ? 'RSA-SHA256' : null),
  };
}
