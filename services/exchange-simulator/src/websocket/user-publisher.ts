import type { UserEvents } from '../answers/user-events.ts';
import type { Venue } from '../domain/venue.ts';
import type { EventChannel } from '../faults/event-channel.ts';
import type { SocketHub } from './socket-hub.ts';

interface UserPublisherDeps {
  readonly venue: Venue;
  readonly events: UserEvents;
  readonly channel: EventChannel;
  readonly hub: SocketHub;
}

/** Puts what happens to accounts on its way to their owners, in the order in which it happened. */
export function publishUserEvents({ venue, events, channel, hub }: UserPublisherDeps): void {
  const send = (accountId: string, eventType: string, payload: object | undefined, clientOrderId?: string): void => {
    if (payload === undefined) return;
    const text = JSON.stringify(payload);
    const deliver = (): void => hub.publishToAccount(accountId, text);
    channel.send({ name: eventType, accountId, lane: '', clientOrderId, deliver });
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
