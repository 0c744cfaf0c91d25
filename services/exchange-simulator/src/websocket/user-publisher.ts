import type { UserEvents } from '../answers/user-events.ts';
import type { Venue } from '../domain/venue.ts';
import type { UserEventChannel } from '../faults/user-event-channel.ts';

interface UserPublisherDeps {
  readonly venue: Venue;
  readonly events: UserEvents;
  readonly channel: UserEventChannel;
}

/** Puts what happens to accounts on its way to their owners, in the order in which it happened. */
export function publishUserEvents({ venue, events, channel }: UserPublisherDeps): void {
  const send = (accountId: string, eventType: string, payload: object | undefined, clientOrderId?: string): void => {
    if (payload !== undefined) channel.send({ accountId, eventType, payload: JSON.stringify(payload), clientOrderId });
  };
  venue.on('order', (event) => {
    const { accountId, order } = event;
    send(accountId, 'TRADE_LITE', events.tradeLite(event), order.clientOrderId);
    send(accountId, 'ORDER_TRADE_UPDATE', events.orderTradeUpdate(event), order.clientOrderId);
  });
  venue.on('algo', (event) => {
    send(event.accountId, 'ALGO_UPDATE', events.algoUpdate(event), event.algo.clientAlgoId);
  });
  venue.on('account', (event) => send(event.accountId, 'ACCOUNT_UPDATE', events.accountUpdate(event)));
  venue.on('config', (event) => send(event.accountId, 'ACCOUNT_CONFIG_UPDATE', events.configUpdate(event)));
  venue.on('marginCall', (event) => send(event.accountId, 'MARGIN_CALL', events.marginCall(event)));
}
