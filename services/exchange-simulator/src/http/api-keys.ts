/** An account's credentials. */
export interface ApiKey {
  readonly accountId: string;
  readonly key: string;
  readonly secret: string;
}

/** Returns who shows this key, undefined when nobody does. */
export type FindKey = (key: string) => ApiKey | undefined;
