import { PortfolioUpdated } from '@qt/contracts';
import { consume, type Subscription } from '@qt/event-bus';
import type { EventRecorder } from '../event-recorder.ts';
import type { PortfolioView } from '../portfolio-view.ts';

export interface OnPortfolioUpdatedDeps {
  readonly recorder: EventRecorder;
  readonly portfolio: PortfolioView;
  readonly onStored: (occurredAtMs: number) => void;
}

/** Stores the event and shows it as the account's present state. */
export const onPortfolioUpdated = ({ recorder, portfolio, onStored }: OnPortfolioUpdatedDeps): Subscription =>
  consume(
    PortfolioUpdated,
    async ({ payload, envelope }, work) => {
      recorder.add(work, envelope);
      return async () => {
        portfolio.update(payload);
        onStored(envelope.occurredAtMs);
      };
    },
    { sharesTransaction: true },
  );
