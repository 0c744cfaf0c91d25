import type { CarryingSocket, SocketFaults } from '../websocket/socket-hub.ts';
import type { FaultBook, Occasion, Strike } from './fault-book.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Outages } from './outages.ts';

interface RuleSocketFaultsDeps {
  readonly faults: FaultBook;
  readonly outages: Outages;
  readonly recordFault: (strike: Strike, path: string) => void;
}

const PRIVATE = { path: '/private', isOnlyWhenNamed: false };
const MARKET = { path: '/market', isOnlyWhenNamed: true };
/** Of a socket that is not open yet nothing is known. */
const UPGRADE = { path: '/', isOnlyWhenNamed: false };

/** What the rules do to sockets. A rule without a path means sockets with user data; `/market` names the others. */
export class RuleSocketFaults implements SocketFaults {
  readonly #deps: RuleSocketFaultsDeps;

  constructor(deps: RuleSocketFaultsDeps) {
    this.#deps = deps;
  }

  refuses(): boolean {
    if (this.#deps.outages.isInMaintenance) return true;
    return this.#strike({ kinds: ['socket_refused'], ...UPGRADE }) !== undefined;
  }

  leavesHalfOpen(socket: CarryingSocket): boolean {
    return this.#strikeSocket(['half_open_socket'], socket) !== undefined;
  }

  strikeMessage(socket: CarryingSocket): 'silenced' | 'cut' | undefined {
    const strike = this.#strikeSocket(['silent_socket', 'socket_cut'], socket);
    if (strike === undefined) return undefined;
    return strike.kind === 'socket_cut' ? 'cut' : 'silenced';
  }

  #strikeSocket(kinds: readonly FaultKind[], socket: CarryingSocket): Strike | undefined {
    if (this.#deps.faults.isEmpty) return undefined;
    const { accountIds } = socket;
    return this.#strike({ kinds, accountIds, ...(accountIds.length > 0 ? PRIVATE : MARKET) });
  }

  #strike(occasion: Occasion): Strike | undefined {
    const strike = this.#deps.faults.strike(occasion);
    if (strike !== undefined) this.#deps.recordFault(strike, occasion.path);
    return strike;
  }
}
