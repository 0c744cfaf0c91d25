import { PortfolioUpdated } from '@qt/contracts';
import { consume, type Subscription } from '@qt/event-bus';
import type { EventStore } from '../ports.ts';
import type { PortfolioView } from '../portfolio-view.ts';

export interface OnPortfolioUpdatedDeps {
  readonly events: EventStore;
  readonly portfolio: PortfolioView;
  readonly onStored: (occurredAtMs: number) => void;
}

/** Stores the event and shows it as the account's present state. */
export const onPortfolioUpdated = ({ events, portfolio, onStored }: OnPortfolioUpdatedDeps): Subscription =>
  consume(PortfolioUpdated, async ({ payload, envelope }, { tx }) => {
    await events.append(tx, envelope);
    return async () => {
      portfolio.update(payload);
      onStored(envelope.occurredAtMs);
    };
  });
