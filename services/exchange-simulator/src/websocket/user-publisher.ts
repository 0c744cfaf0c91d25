import type { UserEvents } from '../answers/user-events.ts';
import type { VenueEvents } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import type { EventChannel } from '../faults/event-channel.ts';
import type { SocketHub } from './socket-hub.ts';

type UserEventKind = 'order' | 'algo' | 'account' | 'config' | 'marginCall';

interface UserPublisherDeps {
  readonly venue: Venue;
  readonly events: UserEvents;
  readonly channel: EventChannel;
  readonly hub: SocketHub;
  /** Whether anybody, a socket or a fault rule, could notice an event of the account: spares the making of events for nobody. */
  readonly isHeard: (accountId: string) => boolean;
}

/** Puts what happens to accounts on its way to their owners, in the order in which it happened. */
export function publishUserEvents({ venue, events, channel, hub, isHeard }: UserPublisherDeps): void {
  const send = (accountId: string, eventType: string, payload: object | undefined, clientOrderId?: string): void => {
    if (payload === undefined) return;
    const text = JSON.stringify(payload);
    const deliver = (): void => hub.publishToAccount(accountId, text, eventType);
    channel.send({ name: eventType, accountId, lane: '', clientOrderId, deliver });
  };
  const hear = <K extends UserEventKind>(kind: K, tell: (event: VenueEvents[K]) => void): void => {
    venue.on(kind, (event) => {
      if (isHeard(event.accountId)) tell(event);
    });
  };
  hear('order', (event) => {
    const { accountId, order } = event;
    send(accountId, 'TRADE_LITE', events.tradeLite(event), order.clientOrderId);
    send(accountId, 'ORDER_TRADE_UPDATE', events.orderTradeUpdate(event), order.clientOrderId);
  });
  hear('algo', (event) => {
    send(event.accountId, 'ALGO_UPDATE', events.algoUpdate(event), event.algo.clientAlgoId);
  });
  hear('account', (event) => send(event.accountId, 'ACCOUNT_UPDATE', events.accountUpdate(event)));
  hear('config', (event) => send(event.accountId, 'ACCOUNT_CONFIG_UPDATE', events.configUpdate(event)));
  hear('marginCall', (event) => send(event.accountId, 'MARGIN_CALL', events.marginCall(event)));
}
