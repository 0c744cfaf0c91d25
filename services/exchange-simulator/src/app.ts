import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { invariant } from '@qt/kernel';
import type { BuiltService, Component, Logger, Metrics } from '@qt/service-kit';
import type { LedgerFile } from './adapters/ledger-file.ts';
import { writeSaved } from './adapters/saved-account-file.ts';
import { AccountAnswers } from './answers/account-answers.ts';
import { MarketAnswers } from './answers/market-answers.ts';
import { OrderAnswers, type SpecOf } from './answers/order-answers.ts';
import { StreamPayloads } from './answers/stream-payloads.ts';
import { UserEvents } from './answers/user-events.ts';
import type { WireIds } from './answers/wire-ids.ts';
import { controlRoutes } from './control/control-routes.ts';
import { FreeRun } from './control/free-run.ts';
import { Housekeeping } from './control/housekeeping.ts';
import { MarketDrive } from './control/market-drive.ts';
import type { MarketSource, SymbolSpec } from './domain/venue-types.ts';
import type { Venue } from './domain/venue.ts';
import { FaultBook, type Strike } from './faults/fault-book.ts';
import { UserEventChannel } from './faults/user-event-channel.ts';
import type { ApiKey } from './http/api-keys.ts';
import { RateLimits } from './http/rate-limits.ts';
import { RouteTable } from './http/route.ts';
import { accountRoutes } from './http/routes/account-routes.ts';
import { algoRoutes } from './http/routes/algo-routes.ts';
import { listenKeyRoutes } from './http/routes/listen-key-routes.ts';
import { marketRoutes } from './http/routes/market-routes.ts';
import { orderRoutes } from './http/routes/order-routes.ts';
import { statusPage } from './http/status-page.ts';
import { VenueApi } from './http/venue-api.ts';
import { ListenKeys } from './websocket/listen-keys.ts';
import { MarketPublisher } from './websocket/market-publisher.ts';
import { SocketHub } from './websocket/socket-hub.ts';
import { publishUserEvents } from './websocket/user-publisher.ts';

const FULL_SPEED_STRETCH = 1_000_000;

interface SimulatorDeps {
  readonly venue: Venue;
  readonly market: MarketSource;
  readonly ledger: LedgerFile;
  /** Where the accounts are saved at a clean stop; undefined: nowhere. */
  readonly statePath: string | undefined;
  readonly ids: WireIds;
  readonly keys: readonly ApiKey[];
  /** `stepped`, or how much faster than the wall clock the market moves by itself. */
  readonly speed: 'stepped' | 'max' | number;
  /** Whether market time starts as the wall clock's. */
  readonly isNow: boolean;
  /** Null counts weight without refusing. */
  readonly weightLimit: number | null;
  readonly wallMs: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Returns the venue with its protocol: REST under `/fapi`, sockets, control and a page, all on one port. */
export function buildApp(deps: SimulatorDeps): BuiltService {
  const { venue, ids, wallMs, speed, ledger } = deps;
  const specOf = (symbol: string): SymbolSpec => {
    const spec = venue.spec(symbol);
    invariant(spec !== null, `${symbol} is listed`);
    return spec;
  };
  const marketMs = (): number => venue.nowMs;
  const flushLedger = (): void => ledger.flush();
  const requestsTotal = deps.metrics.counter({
    name: 'requests_total',
    help: 'REST answers under /fapi, by HTTP status.',
    labels: ['status'],
  });
  const faultsTotal = deps.metrics.counter({
    name: 'faults_total',
    help: 'Injected faults, by kind.',
    labels: ['kind'],
  });
  const noteFault = (strike: Strike, path: string, clientOrderId?: string): void => {
    faultsTotal.inc({ kind: strike.kind });
    const named = clientOrderId === undefined ? {} : { clientOrderId };
    venue.noteFault({ faultId: strike.faultId, fault: strike.kind, path, ...named });
  };
  const faults = new FaultBook();
  const listenKeys = new ListenKeys();
  const events = new UserEvents(ids);
  const hub = new SocketHub({
    listenKeys,
    nowMs: wallMs,
    shouldFallSilent: (carriesUserData) => {
      const path = carriesUserData ? '/private' : '/market';
      const strike = faults.strike({ kinds: ['silent_socket'], path, isOnlyWhenNamed: !carriesUserData });
      if (strike !== undefined) noteFault(strike, path);
      return strike !== undefined;
    },
  });
  const userEvents = new UserEventChannel({
    faults,
    nowMs: marketMs,
    deliver: ({ accountId, payload }) => hub.publishToAccount(accountId, payload),
    recordFault: (strike, { eventType, clientOrderId }) => noteFault(strike, eventType, clientOrderId),
  });
  publishUserEvents({ venue, events, channel: userEvents });
  const publisher = new MarketPublisher({
    venue,
    hub,
    payloads: new StreamPayloads(specOf),
    interval: deps.market.interval,
    intervalMs: deps.market.intervalMs,
    isStepped: speed === 'stepped',
  });
  const drive = new MarketDrive({ venue, hub, publisher, userEvents, flushLedger });

  const routes = routesOf(deps, { specOf, listenKeys, hub });
  const keys = new Map(deps.keys.map((key) => [key.key, key]));
  const api = new VenueApi({
    routes,
    findKey: (key) => keys.get(key),
    limits: new RateLimits(deps.weightLimit),
    faults,
    serverTimeMs: marketMs,
    steppedFromMs: () => (speed === 'stepped' ? drive.steppedFromMs : marketMs()),
    wallMs,
    speed: stretchOf(speed),
    flushLedger,
    recordFault: noteFault,
    countAnswer: (status) => requestsTotal.inc({ status: String(status) }),
    recordReject: (path, clientOrderId, { code, message }) =>
      venue.noteReject({ path, code, msg: message, ...(clientOrderId === undefined ? {} : { clientOrderId }) }),
    reportDefect: (error) => deps.logger.error('a request failed inside the simulator', { code: 'DEFECT', error }),
  });

  const book: Component = {
    name: 'ledger',
    start: async () => {},
    stop: async () => {
      venue.end();
      ledger.close();
      // After the ledger: what was saved stands at the ledger's last line, or it is not used.
      if (deps.statePath !== undefined) writeSaved(deps.statePath, venue.save());
    },
  };
  const sockets = new Housekeeping({ hub, listenKeys, events, marketMs, wallMs });
  const freeRun = speed === 'stepped' ? null : new FreeRun({ venue, drive, pace: speed, isNow: deps.isNow, wallMs });
  const accountIds = deps.keys.map(({ accountId }) => accountId);
  return {
    components: [book, sockets, ...(freeRun === null ? [] : [freeRun])],
    health: () => ({ ...venue.state(), speed, sockets: hub.size }),
    routes: (router) => {
      const pause = (): void => freeRun?.pause();
      controlRoutes(router, { venue, drive, faults, noteFault, hub, flushLedger, pause, speed });
      router.get('/', (_request, response) => {
        response.type('html').send(statusPage({ venue, routes, accountIds, speed, sockets: () => hub.size }));
      });
    },
    serve: (server) => serve(server, api, hub),
  };
}

/** How far the allowances for network delay stretch: at full speed they hold nobody back. */
const stretchOf = (speed: SimulatorDeps['speed']): number =>
  typeof speed === 'number' ? Math.max(1, speed) : speed === 'max' ? FULL_SPEED_STRETCH : 1;

interface RouteParts {
  readonly specOf: SpecOf;
  readonly listenKeys: ListenKeys;
  readonly hub: SocketHub;
}

function routesOf({ venue, market, ids, wallMs }: SimulatorDeps, { specOf, listenKeys, hub }: RouteParts): RouteTable {
  const orders = new OrderAnswers(specOf, ids);
  return new RouteTable([
    ...marketRoutes({ venue, answers: new MarketAnswers(specOf), baseIntervalMs: market.intervalMs }),
    ...orderRoutes({ venue, answers: orders, ids }),
    ...algoRoutes({ venue, answers: orders, ids }),
    ...accountRoutes({ venue, answers: new AccountAnswers(specOf) }),
    ...listenKeyRoutes({ listenKeys, wallMs, onClosed: (key) => hub.forgetListenKey(key) }),
  ]);
}

/** Puts `/fapi` in front of the pages: thousands of requests a second must not pass through their middleware. */
function serve(server: Server, api: VenueApi, hub: SocketHub): void {
  const pages = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/fapi/') !== true) {
      for (const page of pages) page(request, response);
      return;
    }
    // A client that has gone cannot be answered; everything else is answered inside.
    api.handle(request, response).catch(() => request.socket.destroy());
  });
  server.on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head));
}
