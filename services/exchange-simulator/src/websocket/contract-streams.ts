import type { SymbolStatus } from '../domain/venue-types.ts';
import type { StreamFamily, StreamFamilyDeps } from './stream-family.ts';

const NAME = '!contractInfo';

/** Tells when a symbol is halted, settled, delisted or traded again. */
export class ContractStreams implements StreamFamily {
  readonly #deps: StreamFamilyDeps;
  /** What was told last; null while nobody listens. */
  #told: Map<string, SymbolStatus> | null = null;

  constructor(deps: StreamFamilyDeps) {
    this.#deps = deps;
  }

  attend(name: string, isWanted: boolean): void {
    if (name !== NAME) return;
    const { venue } = this.#deps;
    this.#told = isWanted
      ? new Map(venue.specs().map(({ symbol }) => [symbol, venue.symbolStatus(symbol)] as const))
      : null;
  }

  publishMoment(nowMs: number): void {
    const { venue, outlet, payloads } = this.#deps;
    for (const [symbol, before] of this.#told ?? []) {
      const status = venue.symbolStatus(symbol);
      if (status === before) continue;
      this.#told?.set(symbol, status);
      outlet.publish(NAME, JSON.stringify(payloads.contractInfo(symbol, status, nowMs)));
    }
  }
}
