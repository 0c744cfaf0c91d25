import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import type { VenueState } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import type { FaultBook, Strike } from '../faults/fault-book.ts';
import { FaultRule } from '../faults/fault-rule.ts';
import type { SocketHub } from '../websocket/socket-hub.ts';
import type { MarketDrive } from './market-drive.ts';

interface ControlRoutesDeps {
  readonly venue: Venue;
  readonly drive: MarketDrive;
  readonly faults: FaultBook;
  readonly noteFault: (strike: Strike, path: string) => void;
  readonly hub: SocketHub;
  readonly flushLedger: () => void;
  /** Lets a market that runs by itself stand still. */
  readonly pause: () => void;
  /** `stepped` or the factor. */
  readonly speed: string | number;
}

const Advance = z.object({ untilMs: z.int().positive() });

/** Where a rule points at sockets instead of requests. */
const SOCKET_PLACES: Readonly<Record<string, boolean>> = { '/private': true, '/market': false };

const refusal = (response: Response, status: number, code: string, message: string): void => {
  response.status(status).json({ error: { code, message } });
};

/** The hands behind the venue: time and faults. Unauthenticated, for the loopback interface. */
export function controlRoutes(router: Router, deps: ControlRoutesDeps): void {
  const { venue, drive, faults, hub, speed } = deps;
  const shown = (state: VenueState): object => ({ ...state, speed });
  const stepped =
    (move: (request: Request) => Promise<VenueState>) =>
    async (request: Request, response: Response): Promise<void> => {
      if (speed !== 'stepped') {
        refusal(
          response,
          409,
          'NOT_STEPPED',
          `the market runs by itself at ${speed === 'max' ? 'full speed' : `${speed}x`}; start with SIM_SPEED=stepped`,
        );
        return;
      }
      response.json(shown(await move(request)));
    };

  router.get('/control/state', (_request, response) => void response.json(shown(venue.state())));
  router.post('/control/advance', async (request, response) => {
    const body = Advance.safeParse(request.body);
    if (!body.success) {
      refusal(response, 400, 'BAD_REQUEST', 'expected {"untilMs": <UTC milliseconds>}');
      return;
    }
    await stepped(() => drive.advance(body.data.untilMs))(request, response);
  });
  router.post(
    '/control/close',
    stepped(() => drive.close()),
  );
  router.post('/control/settle', async (_request, response) => void response.json(shown(await drive.settle())));
  router.post('/control/pause', async (_request, response) => {
    deps.pause();
    response.json(shown(await drive.settle()));
  });
  router.post('/control/end', (_request, response) => {
    venue.end();
    deps.flushLedger();
    response.json(shown(venue.state()));
  });
  router.get('/control/faults', (_request, response) => void response.json({ rules: faults.list() }));
  router.delete('/control/faults', (_request, response) => void response.json({ removed: faults.clear() }));
  router.post('/control/faults', (request, response) => {
    const body = FaultRule.safeParse(request.body);
    if (!body.success) {
      refusal(response, 400, 'BAD_REQUEST', z.prettifyError(body.error));
      return;
    }
    const rule = faults.add(body.data);
    const hasUserData = rule.path === undefined ? undefined : SOCKET_PLACES[rule.path];
    if (rule.kind !== 'reset' || hasUserData === undefined) {
      response.status(201).json(rule);
      return;
    }
    // A reset of sockets strikes at once: there is no request to wait for.
    const strike = faults.strike({ kinds: ['reset'], path: rule.path ?? '' });
    if (strike !== undefined) deps.noteFault(strike, rule.path ?? '');
    deps.flushLedger();
    response.status(201).json({ ...rule, cut: hub.cut(hasUserData) });
  });
}
