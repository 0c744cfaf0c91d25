import { PortfolioUpdated, type Queryable } from '@qt/contracts';
import type { EventStore } from './ports.ts';

/** The account as last reported; read from the event store at start, then kept up to date by each report. */
export class PortfolioView {
  #latest: PortfolioUpdated | null = null;

  get latest(): PortfolioUpdated | null {
    return this.#latest;
  }

  update(portfolio: PortfolioUpdated): void {
    this.#latest = portfolio;
  }

  async load(db: Queryable, events: EventStore): Promise<void> {
    const text = await events.latestPayload(db, PortfolioUpdated.type);
    if (text !== null) this.#latest = PortfolioUpdated.payload.parse(JSON.parse(text));
  }
}
