import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { invariant } from '@qt/kernel';
import type { BuiltService, Component, Logger, Metrics } from '@qt/service-kit';
import type { AccountPlan } from './adapters/accounts-file.ts';
import type { LedgerFile } from './adapters/ledger-file.ts';
import { writeSaved } from './adapters/saved-account-file.ts';
import { AccountAnswers } from './answers/account-answers.ts';
import { MarketAnswers } from './answers/market-answers.ts';
import { OrderAnswers, type SpecOf } from './answers/order-answers.ts';
import { StreamPayloads } from './answers/stream-payloads.ts';
import { UserEvents } from './answers/user-events.ts';
import type { WireIds } from './answers/wire-ids.ts';
import { ACTION_KINDS } from './control/action.ts';
import { Actions } from './control/actions.ts';
import { Agenda } from './control/agenda.ts';
import { controlRoutes } from './control/control-routes.ts';
import { faultRoutes } from './control/fault-routes.ts';
import { refuseForeignPages } from './control/foreign-pages.ts';
import { FreeRun } from './control/free-run.ts';
import { Housekeeping } from './control/housekeeping.ts';
import { MarketDrive } from './control/market-drive.ts';
import type { RecentLedger } from './control/recent-ledger.ts';
import { ScenarioRun } from './control/scenario-run.ts';
import type { Scenario } from './control/scenario.ts';
import { venueViewRoutes } from './control/venue-view.ts';
import type { MarketSource, SymbolSpec } from './domain/venue-types.ts';
import type { Venue } from './domain/venue.ts';
import { FaultKind } from './faults/fault-kinds.ts';
import { FaultStage } from './faults/fault-stage.ts';
import { FaultSwitch } from './faults/fault-switch.ts';
import { Admission } from './http/admission.ts';
import { AnswerGate } from './http/answer-gate.ts';
import { answerClientError } from './http/client-error.ts';
import { type LimitsOfUse, RateLimits } from './http/rate-limits.ts';
import { RequestDesk } from './http/request-desk.ts';
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
import { routesByMethod } from './websocket/order-api-methods.ts';
import { OrderApiSession } from './websocket/order-api-session.ts';
import { OrderApi } from './websocket/order-api.ts';
import { SocketHub } from './websocket/socket-hub.ts';
import type { SocketLimits } from './websocket/socket-limits.ts';
import { publishUserEvents } from './websocket/user-publisher.ts';

const FULL_SPEED_FACTOR = 1_000_000;

interface SimulatorDeps {
  readonly venue: Venue;
  readonly market: MarketSource;
  readonly ledger: LedgerFile;
  readonly recentLedger: RecentLedger;
  /** Where the accounts are saved at a clean stop; undefined: nowhere. */
  readonly statePath: string | undefined;
  readonly ids: WireIds;
  readonly accounts: readonly AccountPlan[];
  readonly seed: number;
  /** What is to go wrong, and when; null: nothing. */
  readonly scenario: Scenario | null;
  /** `stepped`, or how much faster than the wall clock the market moves by itself. */
  readonly speed: 'stepped' | 'max' | number;
  /** Whether market time starts as the wall clock's. */
  readonly isNow: boolean;
  readonly limits: LimitsOfUse;
  readonly socketLimits: SocketLimits;
  /** Wall time between a frame's coming and its handling. */
  readonly frameDelayMs: number;
  /** What sockets without `/public`, `/market` or `/private` carry. */
  readonly unroutedStreams: 'any' | 'public';
  readonly wallMs: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** In five minutes. Source: Binance USD-M, funding rate history: 500 per address, together with the funding info. */
const FUNDING_REQUESTS = 500;

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
  const factor = factorOf(speed);
  const accountIds = deps.accounts.map(({ accountId }) => accountId);
  const agenda = new Agenda();
  const at = (timeMs: number, run: () => void): void => agenda.at(timeMs, run);
  const stage = new FaultStage({
    venue,
    seed: deps.seed,
    accountIds,
    speed: Math.max(1, factor),
    at,
    flushLedger,
    metrics: deps.metrics,
  });
  const listenKeys = new ListenKeys();
  const events = new UserEvents(ids);
  const { userEvents, marketEvents } = stage;
  const hub = new SocketHub({
    listenKeys,
    frameDelayMs: deps.frameDelayMs,
    nowMs: wallMs,
    limits: deps.socketLimits,
    unrouted: deps.unroutedStreams,
    faults: stage.sockets,
    marketEvents,
  });
  const sockets = new Housekeeping({ hub, listenKeys, events, marketMs, wallMs });
  const isHeard = (accountId: string): boolean => listenKeys.isOpen(accountId) || !stage.book.isEmpty;
  publishUserEvents({ venue, events, channel: userEvents, hub, isHeard });
  const publisher = new MarketPublisher({
    venue,
    hub,
    payloads: new StreamPayloads(specOf),
    interval: deps.market.interval,
    intervalMs: deps.market.intervalMs,
    isStepped: speed === 'stepped',
  });
  const onMoved = (): void => stage.staleReads.look();
  const drive = new MarketDrive({ venue, hub, publisher, userEvents, marketEvents, agenda, onMoved, flushLedger });

  // Answers are made of what the venue shows, which a fault may let lie some time back.
  const routes = routesOf({ ...deps, venue: stage.staleReads.shownVenue }, { specOf, listenKeys, hub, sockets });
  const keys = new Map(deps.accounts.flatMap((account) => account.keys).map((key) => [key.key, key]));
  const limits = new RateLimits(deps.limits, (atMs) => stage.clock.nowMs() + (atMs - wallMs()) * factor);
  const admission = new Admission({
    findKey: (key) => keys.get(key),
    limits,
    serverTimeMs: () => stage.clock.nowMs(),
    steppedFromMs: () => (speed === 'stepped' ? drive.steppedFromMs : marketMs()) + stage.clock.offsetMs,
    wallMs,
    speed: Math.max(1, factor),
  });
  const reportDefect = (error: unknown): void => {
    deps.logger.error('a request failed inside the simulator', { code: 'DEFECT', error });
  };
  const desk = new RequestDesk({
    admission,
    faultyAnswers: stage.answers,
    recordReject: (path, clientOrderId, { code, message }) =>
      venue.noteReject({ path, code, msg: message, ...(clientOrderId === undefined ? {} : { clientOrderId }) }),
    reportDefect,
  });
  const gate = new AnswerGate(flushLedger, reportDefect);
  const countAnswer = (status: number): void => requestsTotal.inc({ status: String(status) });
  const api = new VenueApi({ routes, desk, gate, countAnswer });
  const sessionDeps = {
    routes: routesByMethod(routes),
    desk,
    admission,
    limits,
    serverTimeMs: () => stage.clock.nowMs(),
  };
  const orderApi = new OrderApi({
    openSession: (opened) => new OrderApiSession(sessionDeps, opened),
    refuses: () => stage.sockets.refuses(),
    weigh: (weight, ip, usage) => admission.weigh(weight, ip, usage),
    gate,
    reportDefect,
    wallMs,
    frameDelayMs: deps.frameDelayMs,
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
  const freeRun = speed === 'stepped' ? null : new FreeRun({ venue, drive, pace: speed, isNow: deps.isNow, wallMs });
  const faultSwitch = new FaultSwitch({
    faults: stage.book,
    outages: stage.outages,
    orderLag: stage.orderLag,
    staleReads: stage.staleReads,
    hub,
    recordFault: stage.record,
  });
  const actionsTotal = deps.metrics.counter({
    name: 'actions_total',
    help: 'Actions of the control API and of scenarios, by kind.',
    labels: ['kind'],
  });
  const actions = new Actions({
    venue,
    seed: deps.seed,
    accountIds,
    hub,
    orderApi,
    listenKeys,
    events,
    outages: stage.outages,
    clock: stage.clock,
    faultSwitch,
    countAction: (kind) => actionsTotal.inc({ kind }),
  });
  const scenario = new ScenarioRun({ scenario: deps.scenario, agenda, actions, faultSwitch });
  scenario.schedule(marketMs());
  return {
    components: [book, sockets, orderApi, ...(freeRun === null ? [] : [freeRun])],
    health: () => ({ ...venue.state(), speed, sockets: hub.size }),
    routes: (router) => {
      const pause = (): void => freeRun?.pause();
      refuseForeignPages(router);
      controlRoutes(router, { venue, drive, flushLedger, pause, speed });
      const known = { symbols: deps.market.symbols, accountIds };
      faultRoutes(router, { drive, faultSwitch, actions, scenario, known, flushLedger });
      const { recentLedger } = deps;
      const { intervalMs } = deps.market;
      venueViewRoutes(router, { venue, accountIds, recentLedger, intervalMs, speed, sockets: () => hub.size });
      statusPage(router, { routes, faultKinds: FaultKind.options, actionKinds: ACTION_KINDS });
    },
    serve: (server) => serve(server, { api, orderApi, hub }),
  };
}

/** Market time per wall time. At full speed it is what the allowances for network delay stretch by: they hold nobody back. */
const factorOf = (speed: SimulatorDeps['speed']): number => {
  if (speed === 'max') return FULL_SPEED_FACTOR;
  return speed === 'stepped' ? 1 : speed;
};

interface RouteParts {
  readonly specOf: SpecOf;
  readonly listenKeys: ListenKeys;
  readonly hub: SocketHub;
  readonly sockets: Housekeeping;
}

function routesOf(deps: SimulatorDeps, { specOf, listenKeys, hub, sockets }: RouteParts): RouteTable {
  const { venue, market, ids, speed, wallMs } = deps;
  const fundingLimit = typeof speed === 'number' ? FUNDING_REQUESTS * Math.max(1, speed) : null;
  const orders = new OrderAnswers(specOf, ids);
  return new RouteTable([
    ...marketRoutes({
      venue,
      answers: new MarketAnswers(specOf),
      baseIntervalMs: market.intervalMs,
      fundingLimit,
      wallMs,
    }),
    ...orderRoutes({ venue, answers: orders, ids }),
    ...algoRoutes({ venue, answers: orders, ids }),
    ...accountRoutes({ venue, answers: new AccountAnswers(specOf, ids) }),
    ...listenKeyRoutes({
      listenKeys,
      wallMs,
      endExpired: () => sockets.endExpiredKeys(),
      onClosed: (key) => hub.forgetListenKey(key),
    }),
  ]);
}

/** What the venue answers for in its own words; of the last two it serves nothing, but clients that ask must be able to read the refusal. */
const VENUE_PATHS = ['/fapi/', '/futures/', '/sapi/'];

/** Puts the venue's paths in front of the pages: thousands of requests a second must not pass through their middleware. */
function serve(server: Server, { api, orderApi, hub }: { api: VenueApi; orderApi: OrderApi; hub: SocketHub }): void {
  const pages = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!VENUE_PATHS.some((path) => request.url?.startsWith(path))) {
      for (const page of pages) page(request, response);
      return;
    }
    api.handle(request, response);
  });
  server.on('clientError', answerClientError);
  server.on('upgrade', (request, socket, head) => {
    if (!orderApi.takesUpgrade(request, socket, head)) hub.upgrade(request, socket, head);
  });
}
