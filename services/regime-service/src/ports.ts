import type { CandleRepository, RegimeHistoryRepository } from '@qt/database';
import type { EventBus } from '@qt/event-bus';
import type { ExchangePort } from '@qt/exchange-client';

/** The venue, as far as this service needs it: candles by request and by stream, no account. */
export type MarketSource = Pick<
  ExchangePort,
  'nowMs' | 'syncClock' | 'instruments' | 'candles' | 'openMarketStream' | 'close'
>;
export type CandleStore = Pick<CandleRepository, 'add' | 'listLast'>;
export type RegimeStore = Pick<
  RegimeHistoryRepository,
  'add' | 'listLast' | 'listRange' | 'listTransitions' | 'saveSnapshots' | 'findSnapshot'
>;
export type EventSink = Pick<EventBus, 'transact' | 'announce'>;
