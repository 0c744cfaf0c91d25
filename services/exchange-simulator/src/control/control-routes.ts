import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import type { VenueState } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import { refusal } from './control-refusal.ts';
import type { MarketDrive } from './market-drive.ts';

interface ControlRoutesDeps {
  readonly venue: Venue;
  readonly drive: MarketDrive;
  readonly flushLedger: () => void;
  /** Lets a market that runs by itself stand still. */
  readonly pause: () => void;
  /** `stepped` or the factor. */
  readonly speed: string | number;
}

const Advance = z.object({ untilMs: z.int().positive() });

/** The hands behind the venue's time. Unauthenticated, for the loopback interface. */
export function controlRoutes(router: Router, deps: ControlRoutesDeps): void {
  const { venue, drive, speed } = deps;
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
}
