import { banned, serviceUnavailable, tooManyRequests } from './broken-replies.ts';
import type { Answer } from './reply.ts';

const MINUTE_MS = 60_000;
const DEFAULT_BAN_MS = 2 * MINUTE_MS;
/** Who goes on asking while it is told to wait is banned, the harsher the venue. */
const PATIENCE_REQUESTS = 10;

/** A time in which requests are refused before anything of them is looked at. */
interface Outage {
  readonly faultId: string;
  readonly kind: 'error_429' | 'error_418' | 'maintenance';
  /** Undefined: everybody. */
  readonly accountId: string | undefined;
  /** Market time; null: until it is ended. */
  readonly untilMs: number | null;
  refused: number;
}

/** A refusal at the gate, for the ledger. */
interface GateRefusal {
  readonly faultId: string;
  readonly kind: Outage['kind'];
  readonly answer: Answer;
}

interface OutagesDeps {
  /** Server time. */
  readonly nowMs: () => number;
  /** Market time per wall time, at least 1: `Retry-After` is told in wall seconds. */
  readonly speed: number;
}

/** Bans with their clock, and maintenance: what refuses all requests for a while. In market time, so that a replay meets the same. */
export class Outages {
  readonly #deps: OutagesDeps;
  #standing: Outage[] = [];

  constructor(deps: OutagesDeps) {
    this.#deps = deps;
  }

  /** Whether the whole venue is closed. */
  get isInMaintenance(): boolean {
    return this.#live().some(({ kind }) => kind === 'maintenance');
  }

  /** Starts a ban. Without `banMs` a 429 lasts to the end of the minute and a 418 two minutes. */
  ban(ban: {
    faultId: string;
    kind: 'error_429' | 'error_418';
    accountId: string | undefined;
    banMs: number | undefined;
  }): Answer {
    const nowMs = this.#deps.nowMs();
    const { banMs = ban.kind === 'error_418' ? DEFAULT_BAN_MS : MINUTE_MS - (nowMs % MINUTE_MS) } = ban;
    const outage: Outage = { ...ban, untilMs: nowMs + banMs, refused: 0 };
    if (banMs > 0) this.#standing.push(outage);
    return this.#answer(outage, '');
  }

  /** Closes the venue, for good when `forMs` is undefined. */
  startMaintenance(faultId: string, forMs: number | undefined): void {
    const untilMs = forMs === undefined ? null : this.#deps.nowMs() + forMs;
    this.endMaintenance();
    this.#standing.push({ faultId, kind: 'maintenance', accountId: undefined, untilMs, refused: 0 });
  }

  endMaintenance(): void {
    this.#standing = this.#standing.filter(({ kind }) => kind !== 'maintenance');
  }

  /** Ends the bans of a rule. */
  lift(faultId: string): void {
    this.#standing = this.#standing.filter((one) => one.faultId !== faultId);
  }

  /** Returns how a request is refused at this moment, undefined when it may come in. */
  refuse(accountId: string, path: string): GateRefusal | undefined {
    if (this.#standing.length === 0) return undefined;
    const fitting = this.#live().filter((one) => one.accountId === undefined || one.accountId === accountId);
    const outage = fitting.find(({ kind }) => kind !== 'error_429') ?? fitting[0];
    if (outage === undefined) return undefined;
    outage.refused += 1;
    if (outage.kind === 'error_429' && outage.refused >= PATIENCE_REQUESTS) {
      const { faultId, accountId: target } = outage;
      this.#standing = this.#standing.filter((one) => one !== outage);
      const answer = this.ban({ faultId, kind: 'error_418', accountId: target, banMs: DEFAULT_BAN_MS });
      return { faultId, kind: 'error_418', answer };
    }
    return { faultId: outage.faultId, kind: outage.kind, answer: this.#answer(outage, path) };
  }

  #live(): readonly Outage[] {
    const nowMs = this.#deps.nowMs();
    this.#standing = this.#standing.filter(({ untilMs }) => untilMs === null || nowMs < untilMs);
    return this.#standing;
  }

  #answer({ kind, untilMs }: Outage, path: string): Answer {
    const nowMs = this.#deps.nowMs();
    if (kind === 'maintenance') return serviceUnavailable({ path, serverTimeMs: nowMs });
    const endMs = untilMs ?? nowMs;
    const retryAfterSeconds = Math.max(1, Math.ceil((endMs - nowMs) / this.#deps.speed / 1_000));
    return kind === 'error_418' ? banned(endMs, retryAfterSeconds) : tooManyRequests(retryAfterSeconds);
  }
}
