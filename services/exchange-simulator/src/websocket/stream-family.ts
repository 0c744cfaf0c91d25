import type { StreamPayloads } from '../answers/stream-payloads.ts';
import type { VenueEvents } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';

/** Where messages go. */
export interface StreamOutlet {
  publish(stream: string, payload: string): void;
}

/** What streams tell of. */
type Market = Pick<
  Venue,
  'on' | 'nowMs' | 'spec' | 'specs' | 'mark' | 'book' | 'bookTicker' | 'candles' | 'aggregateTrades' | 'dayTicker'
>;

/** What every family of streams is made of. */
export interface StreamFamilyDeps {
  readonly venue: Market;
  readonly outlet: StreamOutlet;
  readonly payloads: StreamPayloads;
  /** Whether only the control API moves the market: each step is then a moment of its own, and no stream waits for its speed. */
  readonly isStepped: boolean;
}

/** Streams of one kind. A family does nothing for streams that nobody listens to. */
export interface StreamFamily {
  /** Takes up or drops a stream; streams of other families are none of its business. */
  attend(stream: string, isWanted: boolean): void;
  /** Publishes what is due after the market has moved. Units: UTC ms of market time. */
  publishMoment(nowMs: number): void;
}

/** Returns the listed symbol that a stream's lowercase name means, undefined for any other. */
export function symbolNamed(venue: Pick<Venue, 'spec'>, name: string): string | undefined {
  const symbol = name.toUpperCase();
  return name === name.toLowerCase() && venue.spec(symbol) !== null ? symbol : undefined;
}

/** Whether a stream that comes once every `everyMs` of market time may come again. */
export const isDue = (lastMs: number, nowMs: number, everyMs: number): boolean =>
  Math.floor(nowMs / everyMs) > Math.floor(lastMs / everyMs);

/** Hears the venue's events of one kind only while somebody listens: what nobody hears the venue need not tell. */
export class Hearing<K extends keyof VenueEvents> {
  readonly #start: () => () => void;
  #stop: (() => void) | undefined;

  constructor(venue: Pick<Venue, 'on'>, kind: K, listener: (event: VenueEvents[K]) => void) {
    this.#start = () => venue.on(kind, listener);
  }

  set isOn(isOn: boolean) {
    if (isOn) this.#stop ??= this.#start();
    else {
      this.#stop?.();
      this.#stop = undefined;
    }
  }
}
