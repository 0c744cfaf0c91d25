import type { SocketHub } from '../websocket/socket-hub.ts';
import type { FaultBook, FaultRuleState, Strike } from './fault-book.ts';
import type { FaultRule } from './fault-rule.ts';
import type { OrderLag } from './order-lag.ts';
import type { Outages } from './outages.ts';
import type { StaleReads } from './stale-reads.ts';

interface FaultSwitchDeps {
  readonly faults: FaultBook;
  readonly outages: Outages;
  readonly orderLag: OrderLag;
  readonly staleReads: StaleReads;
  readonly hub: SocketHub;
  readonly recordFault: (strike: Strike, path: string) => void;
}

/** Where a rule points at sockets instead of requests. */
const SOCKET_PLACES: Readonly<Record<string, boolean>> = { '/private': true, '/market': false };

/** Switches rules on and off, with all that they have left behind. */
export class FaultSwitch {
  readonly #deps: FaultSwitchDeps;

  constructor(deps: FaultSwitchDeps) {
    this.#deps = deps;
  }

  /** Lets a rule stand from now on; a reset of sockets strikes at once, because there is no request to wait for. */
  add(rule: FaultRule): FaultRuleState & { readonly cut?: number } {
    const { faults, staleReads, hub, recordFault } = this.#deps;
    const standing = faults.add(rule);
    staleReads.look();
    const { kind, path = '', accountId } = standing;
    const hasUserData = SOCKET_PLACES[path];
    if (kind !== 'reset' || hasUserData === undefined) return standing;
    const accountIds = accountId === undefined ? [] : [accountId];
    const strike = faults.strike({ kinds: ['reset'], path, accountIds });
    if (strike !== undefined) recordFault(strike, path);
    const cut = hub.cut((socket) => {
      if (socket.carriesUserData !== hasUserData) return false;
      return accountId === undefined || socket.accountIds.includes(accountId);
    });
    return { ...standing, cut };
  }

  list(): readonly FaultRuleState[] {
    return this.#deps.faults.list();
  }

  /** Forgets a rule, the bans it has spoken and the orders it hides. Returns whether there was one. */
  remove(id: string): boolean {
    this.#deps.outages.lift(id);
    this.#deps.orderLag.show(id);
    return this.#deps.faults.remove(id);
  }

  /** Forgets all rules. Returns how many there were. */
  clear(): number {
    const ids = this.#deps.faults.list().map(({ id }) => id);
    for (const id of ids) this.remove(id);
    return ids.length;
  }
}
