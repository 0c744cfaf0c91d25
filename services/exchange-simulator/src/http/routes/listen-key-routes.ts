import type { ListenKeys } from '../../websocket/listen-keys.ts';
import { refuse } from '../protocol-error.ts';
import type { Route } from '../route.ts';

interface ListenKeyRoutesDeps {
  readonly listenKeys: ListenKeys;
  readonly wallMs: () => number;
  /** Ends the keys whose time has run out, and tells their sockets. */
  readonly endExpired: () => void;
  /** Called with a key that its owner has closed. */
  readonly onClosed: (listenKey: string) => void;
}

const PATH = '/fapi/v1/listenKey';

/** Keys to the user data stream; the API key alone opens them. */
export function listenKeyRoutes({ listenKeys, wallMs, endExpired, onClosed }: ListenKeyRoutesDeps): readonly Route[] {
  const route = (method: Route['method'], answer: Route['answer']): Route => ({
    method,
    path: PATH,
    security: 'key',
    weight: 1,
    // A new key must not make the end of the old one unheard.
    answer: (context) => {
      endExpired();
      return answer(context);
    },
  });
  return [
    route('POST', ({ accountId }) => ({ listenKey: listenKeys.open(accountId, wallMs()) })),
    route('PUT', ({ accountId }) => {
      const listenKey = listenKeys.extend(accountId, wallMs());
      if (listenKey === undefined) throw refuse.noSuchListenKey();
      return { listenKey };
    }),
    route('DELETE', ({ accountId }) => {
      const listenKey = listenKeys.close(accountId);
      if (listenKey !== undefined) onClosed(listenKey);
      return {};
    }),
  ];
}
