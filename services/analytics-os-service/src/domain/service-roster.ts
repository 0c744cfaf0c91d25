/** What a heartbeat says about a service, with the age that makes it worthless. */
export interface RosterEntry {
  readonly status: 'healthy' | 'degraded' | 'starting' | 'draining' | 'missing';
  /** Null when it was never heard of. */
  readonly lastHeardAtMs: number | null;
}

/** Silence after which a service counts as missing: three heartbeats of 5 s. */
export const HEARTBEAT_TIMEOUT_MS = 15_000;

/** Who was heard of, and when. Wall time: a heartbeat is about processes, not about the market. */
export class ServiceRoster {
  readonly #heard = new Map<string, { status: Exclude<RosterEntry['status'], 'missing'>; atMs: number }>();

  hear(service: string, status: Exclude<RosterEntry['status'], 'missing'>, atMs: number): void {
    this.#heard.set(service, { status, atMs });
  }

  /** Returns the state of `service` at `nowMs`: `missing` when never or too long ago heard of. */
  entry(service: string, nowMs: number): RosterEntry {
    const heard = this.#heard.get(service);
    if (heard === undefined) return { status: 'missing', lastHeardAtMs: null };
    const isMissing = nowMs - heard.atMs > HEARTBEAT_TIMEOUT_MS;
    return { status: isMissing ? 'missing' : heard.status, lastHeardAtMs: heard.atMs };
  }
}
