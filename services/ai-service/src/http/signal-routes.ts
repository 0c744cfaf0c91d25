import type { Queryable } from '@qt/contracts';
import type { ModelRegistry } from '@qt/signals';
import { z } from 'zod';
import type { MarketEngines } from '../market-engines.ts';
import type { PredictionStore, SignalStore } from '../ports.ts';

export interface SignalRoutesDeps {
  readonly db: Queryable;
  readonly signals: SignalStore;
  readonly predictions: PredictionStore;
  readonly engines: MarketEngines;
  readonly registry: ModelRegistry;
}

const LatestQuery = z.object({
  symbol: z
    .string()
    .regex(/^[A-Z0-9]{2,24}$/, 'expected a symbol such as BTCUSDT')
    .optional(),
  limit: z.coerce.number().int().min(1).max(500).default(20),
});

const ModelsQuery = z.object({ since_ms: z.coerce.number().int().min(0).default(0) });

/** The part of a request that these pages read. */
interface PageRequest {
  readonly query: unknown;
}

/** The part of a reply that these pages write. */
interface PageReply {
  status(code: number): PageReply;
  json(body: object): unknown;
}

/** Where pages are hung up: an express router fits. */
export interface PageRouter {
  get(path: string, serve: (request: PageRequest, reply: PageReply) => Promise<void>): unknown;
}

const refuse = (reply: PageReply, error: z.ZodError): void => {
  const message = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  reply.status(400).json({ error: { code: 'BAD_REQUEST', message } });
};

/** Read-only pages about opinions: parse, call, reply. */
export const signalRoutes =
  ({ db, signals, predictions, engines, registry }: SignalRoutesDeps) =>
  (router: PageRouter): void => {
    router.get('/api/v1/signals/latest', async (request, reply) => {
      const query = LatestQuery.safeParse(request.query);
      if (!query.success) return refuse(reply, query.error);
      const { symbol, limit } = query.data;
      reply.json({ signals: await signals.listLatest(db, symbol === undefined ? { limit } : { symbol, limit }) });
    });

    router.get('/api/v1/signals/decisions', async (_request, reply) => {
      reply.json({ candles: await signals.countDecisions(db) });
    });

    router.get('/api/v1/models', async (request, reply) => {
      const query = ModelsQuery.safeParse(request.query);
      if (!query.success) return refuse(reply, query.error);
      const records = await predictions.listModelRecords(db, query.data.since_ms);
      reply.json({
        models: registry.list().map(({ model }) => ({
          id: model.id,
          name: model.name,
          version: model.version,
          featuresId: model.featuresId,
          record: records.find(({ modelId }) => modelId === model.id) ?? null,
        })),
        markets: engines.modelHealth(),
      });
    });
  };
