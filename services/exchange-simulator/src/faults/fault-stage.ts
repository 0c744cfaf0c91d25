import type { Metrics } from '@qt/service-kit';
import type { Venue } from '../domain/venue.ts';
import { type ChannelEvent, EventChannel, MARKET_EVENTS, USER_EVENTS } from './event-channel.ts';
import { FaultBook, type Strike } from './fault-book.ts';
import { FaultyAnswers } from './faulty-answers.ts';
import { OrderLag } from './order-lag.ts';
import { Outages } from './outages.ts';
import { RuleSocketFaults } from './rule-socket-faults.ts';
import { ServerClock } from './server-clock.ts';
import { StaleReads } from './stale-reads.ts';

interface FaultStageDeps {
  readonly venue: Venue;
  readonly seed: number;
  readonly accountIds: readonly string[];
  /** Market time per wall time, at least 1. */
  readonly speed: number;
  /** Lets something happen at a market time. */
  readonly at: (timeMs: number, run: () => void) => void;
  readonly flushLedger: () => void;
  readonly metrics: Metrics;
}

/** Everything that faults need, put together: what the rest of the venue asks stands here. */
export class FaultStage {
  readonly book: FaultBook;
  readonly clock: ServerClock;
  readonly outages: Outages;
  readonly orderLag: OrderLag;
  readonly staleReads: StaleReads;
  readonly answers: FaultyAnswers;
  readonly sockets: RuleSocketFaults;
  readonly userEvents: EventChannel;
  readonly marketEvents: EventChannel;
  /** Notes in ledger and metrics that a fault has struck. */
  readonly record: (fault: { faultId: string; kind: string }, path: string, clientOrderId?: string) => void;

  constructor(deps: FaultStageDeps) {
    const { venue, seed, accountIds, speed, at, flushLedger, metrics } = deps;
    const marketMs = (): number => venue.nowMs;
    const faultsTotal = metrics.counter({ name: 'faults_total', help: 'Injected faults, by kind.', labels: ['kind'] });
    this.record = ({ faultId, kind }, path, clientOrderId) => {
      faultsTotal.inc({ kind });
      const named = clientOrderId === undefined ? {} : { clientOrderId };
      venue.noteFault({ faultId, fault: kind, path, ...named });
    };
    this.book = new FaultBook({ seed, nowMs: marketMs });
    this.clock = new ServerClock(marketMs);
    this.outages = new Outages({ nowMs: () => this.clock.nowMs(), speed });
    this.orderLag = new OrderLag(marketMs);
    this.staleReads = new StaleReads({ venue, faults: this.book, accountIds });
    const shared = { faults: this.book, outages: this.outages, recordFault: this.record };
    this.sockets = new RuleSocketFaults({
      ...shared,
      recordFault: (strike, path) => {
        this.record(strike, path);
        // No answer follows that would take it along.
        flushLedger();
      },
    });
    const channel = {
      faults: this.book,
      nowMs: marketMs,
      recordFault: (strike: Strike, { name, clientOrderId }: ChannelEvent) => this.record(strike, name, clientOrderId),
    };
    this.userEvents = new EventChannel({ ...channel, kinds: USER_EVENTS });
    this.marketEvents = new EventChannel({ ...channel, kinds: MARKET_EVENTS });
    this.answers = new FaultyAnswers({
      ...shared,
      orderLag: this.orderLag,
      staleReads: this.staleReads,
      clock: this.clock,
      flushLedger,
      later: (delayMs, run) => at(venue.nowMs + delayMs, run),
    });
  }
}
