import type { Venue } from '../domain/venue.ts';
import type { AccountView, AlgoView, OrderView } from '../domain/venue-types.ts';
import type { FaultBook } from './fault-book.ts';

/** How an account stood at a moment. */
interface Snapshot {
  readonly atMs: number;
  readonly account: AccountView;
  readonly orders: readonly OrderView[];
  readonly algos: readonly AlgoView[];
}

interface StaleReadsDeps {
  readonly venue: Venue;
  readonly faults: FaultBook;
  readonly accountIds: readonly string[];
}

const DEFAULT_AGE_MS = 1_000;
/** While an account itself is at rest only its marks move: so many looks at them within the longest age are enough. */
const LOOKS_PER_AGE = 500;
type Method = (...given: unknown[]) => unknown;

/**
 * Remembers how accounts stood while a `stale_read` rule waits, and lets reads see them as they stood some time ago. Views are copies,
 * so a snapshot costs what one read costs.
 */
export class StaleReads {
  /** The venue as its readers see it: the present, but for what `during` shows of the past. */
  readonly shownVenue: Venue;
  readonly #deps: StaleReadsDeps;
  readonly #snapshots = new Map<string, Snapshot[]>();
  /** Accounts to which something has happened since their last snapshot. */
  readonly #changed = new Set<string>();
  #shown: { readonly accountId: string; readonly snapshot: Snapshot } | undefined;

  constructor(deps: StaleReadsDeps) {
    this.#deps = deps;
    this.shownVenue = this.#shadowOf(deps.venue);
    for (const kind of ['order', 'algo', 'account', 'config'] as const) {
      deps.venue.on(kind, ({ accountId }) => this.#changed.add(accountId));
    }
  }

  /** How many snapshots are kept. */
  get remembered(): number {
    return [...this.#snapshots.values()].reduce((sum, kept) => sum + kept.length, 0);
  }

  /** Takes a snapshot of every account that a waiting rule may ask for; called whenever something may have changed. */
  look(): void {
    const { venue, faults, accountIds } = this.#deps;
    const rules = faults.isEmpty ? [] : faults.waiting('stale_read');
    if (rules.length === 0) {
      this.#snapshots.clear();
      return;
    }
    const longestMs = Math.max(...rules.map(({ delayMs = DEFAULT_AGE_MS }) => delayMs));
    const oldestMs = venue.nowMs - longestMs;
    for (const accountId of accountIds) {
      if (!rules.some((rule) => rule.accountId === undefined || rule.accountId === accountId)) continue;
      const kept = this.#snapshots.get(accountId) ?? [];
      const last = kept.at(-1);
      const isFresh = last !== undefined && venue.nowMs - last.atMs < longestMs / LOOKS_PER_AGE;
      if (!this.#changed.delete(accountId) && isFresh) continue;
      // Of one moment only the end is ever shown, but for where the memory begins: in a market that stands still it must not grow.
      if (kept.length > 1 && last?.atMs === venue.nowMs) kept.pop();
      kept.push({
        atMs: venue.nowMs,
        account: venue.account(accountId),
        orders: venue.openOrders(accountId),
        algos: venue.openAlgos(accountId),
      });
      // The newest of those that are old enough for every rule must stay.
      const needed = kept.findLastIndex(({ atMs }) => atMs <= oldestMs);
      this.#snapshots.set(accountId, kept.slice(Math.max(0, needed)));
    }
  }

  /** Carries `read` out while the account looks as it did `ageMs` of market time ago, or as long ago as is known. */
  during<T>(accountId: string, ageMs: number | undefined, read: () => T): T {
    const untilMs = this.#deps.venue.nowMs - (ageMs ?? DEFAULT_AGE_MS);
    const known = this.#snapshots.get(accountId) ?? [];
    const snapshot = known.findLast(({ atMs }) => atMs <= untilMs) ?? known[0];
    if (snapshot === undefined) return read();
    this.#shown = { accountId, snapshot };
    try {
      return read();
    } finally {
      this.#shown = undefined;
    }
  }

  #shadowOf(venue: Venue): Venue {
    const past = this.#pastMethods(venue);
    const bound = new Map<PropertyKey, unknown>();
    return new Proxy(venue, {
      get: (target, name) => {
        const shown = this.#shown === undefined ? undefined : past.get(name);
        if (shown !== undefined) return shown;
        const known = bound.get(name);
        if (known !== undefined) return known;
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        const method = (value as Method).bind(target);
        bound.set(name, method);
        return method;
      },
    });
  }

  #pastMethods(venue: Venue): ReadonlyMap<PropertyKey, Method> {
    const of = <K extends 'account' | 'positions' | 'openOrders' | 'openAlgos'>(
      name: K,
      fromPast: (snapshot: Snapshot, symbol: string | undefined) => ReturnType<Venue[K]>,
    ): [K, Method] => [
      name,
      (...given) => {
        const [accountId, symbol] = given as [string, string | undefined];
        const shown = this.#shown;
        if (shown?.accountId === accountId) return fromPast(shown.snapshot, symbol);
        return (venue[name] as Method).call(venue, accountId, symbol);
      },
    ];
    const ofSymbol = <T extends { readonly symbol: string }>(rows: readonly T[], symbol: string | undefined) =>
      rows.filter((row) => symbol === undefined || row.symbol === symbol);
    return new Map<PropertyKey, Method>([
      of('account', ({ account }) => account),
      of('openOrders', ({ orders }, symbol) => ofSymbol(orders, symbol)),
      of('openAlgos', ({ algos }, symbol) => ofSymbol(algos, symbol)),
      of('positions', ({ account, orders }, symbol) => {
        const withOrders = new Set(orders.map((order) => order.symbol));
        return ofSymbol(account.positions, symbol).filter(
          (row) => symbol !== undefined || row.signedQuantity !== 0n || withOrders.has(row.symbol),
        );
      }),
    ]);
  }
}
