import type { Queryable } from '@qt/contracts';
import type { Clock } from '@qt/kernel';
import { operatorOnly } from '@qt/service-kit';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import type { PortfolioView } from '../portfolio-view.ts';
import type { AlertStore, EventStore, PerformanceStore } from '../ports.ts';

export interface RouteDeps {
  readonly database: Queryable;
  readonly alerts: AlertStore;
  readonly performance: PerformanceStore;
  readonly events: EventStore;
  readonly portfolio: PortfolioView;
  readonly clock: Clock;
  readonly operatorKey: string | undefined;
}

const Days = z.coerce.number().int().min(1).max(366).default(30);
const Limit = z.coerce.number().int().min(1).max(500).default(100);
const Resolution = z.strictObject({ actor: z.string().min(1).max(64) });

const refuse = (response: Response, status: number, code: string, message: string): void => {
  response.status(status).json({ error: { code, message } });
};

/** Adds the read pages and the one page that changes something: resolving an alert, which needs the operator key. */
export const addRoutes = (router: Router, deps: RouteDeps): void => {
  router.get('/api/v1/portfolio', (_request, response) => {
    response.json(deps.portfolio.latest ?? { state: 'unknown' });
  });

  router.get('/api/v1/performance', async (request, response) => {
    const days = Days.safeParse(request.query['days']);
    if (!days.success) return refuse(response, 400, 'BAD_REQUEST', 'expected days as a whole number from 1 to 366');
    response.json({ daily: await deps.performance.list(deps.database, days.data) });
  });

  router.get('/api/v1/alerts', async (request, response) => {
    const limit = Limit.safeParse(request.query['limit']);
    if (!limit.success) return refuse(response, 400, 'BAD_REQUEST', 'expected limit as a whole number from 1 to 500');
    response.json({ alerts: await deps.alerts.listOpen(deps.database, limit.data) });
  });

  router.get('/api/v1/events/counts', async (_request, response) => {
    response.json(await deps.events.countByType(deps.database));
  });

  router.post(
    '/api/v1/alerts/:alertId/resolve',
    operatorOnly(deps.operatorKey),
    async (request: Request, response: Response) => {
      const alertId = z.uuid().safeParse(request.params['alertId']);
      const body = Resolution.safeParse(request.body);
      if (!alertId.success || !body.success) {
        return refuse(response, 400, 'BAD_REQUEST', 'expected an alert id and a JSON body {"actor": "…"}');
      }
      const outcome = await deps.alerts.resolve(deps.database, alertId.data, body.data.actor, deps.clock.nowMs());
      if (outcome === 'missing') return refuse(response, 404, 'ALERT_NOT_OPEN', `no open alert ${alertId.data}`);
      response.json({ outcome });
    },
  );
};
