import type { Logger } from '@qt/service-kit';
import type { LiveConfiguration } from '../configuration/live-configuration.ts';
import type { RegimeMetrics } from '../regime-metrics.ts';
import { type ApiRoute, mountRoutes, type Router } from './api-route.ts';
import { guardsOf } from './guards.ts';
import { type ComponentRoutesDeps, componentRoutes } from './component-routes.ts';
import { configurationRoutes } from './configuration-routes.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import { type OperatorRoutesDeps, operatorRoutes } from './operator-routes.ts';
import { type RegimeRoutesDeps, regimeRoutes } from './regime-routes.ts';
import { type SystemRoutesDeps, systemRoutes } from './system-routes.ts';

export interface ApiDeps
  extends ComponentRoutesDeps,
    RegimeRoutesDeps,
    OperatorRoutesDeps,
    Omit<SystemRoutesDeps, 'marketCount'> {
  readonly metrics: RegimeMetrics;
  readonly configuration: LiveConfiguration;
  readonly operatorKey: string | undefined;
  readonly logger: Logger;
}

/** Adds the operators' API under `/api/v1`, and its documentation at `/docs` and `/openapi.json`. */
export const addApi = (router: Router, deps: ApiDeps): void => {
  const { configuration, metrics, operatorKey, logger, tracks, version } = deps;
  const routes = [
    ...systemRoutes({ ...deps, marketCount: tracks.size }),
    ...componentRoutes(deps),
    ...regimeRoutes(deps),
    ...configurationRoutes(configuration),
    ...operatorRoutes(deps),
  ];
  const { changes_per_minute: changesPerMinute, validations_per_minute: validationsPerMinute } =
    configuration.settings.api;
  mountRoutes(router, routes, {
    guards: guardsOf({ operatorKey, changesPerMinute, validationsPerMinute }),
    onAnswered: ({ method, path, status, tookMs }) => {
      metrics.requests.inc({ route: path, status: String(status) });
      if (tookMs >= configuration.settings.logging.slow_request_ms)
        logger.info(`Request took ${tookMs.toFixed(1)} ms: ${method} ${path} ${status}`);
    },
  });
  addDocumentation(router, routes, version);
};

const addDocumentation = (router: Router, routes: readonly ApiRoute[], version: string): void => {
  let document: ReturnType<typeof openApiDocument> | null = null;
  const documentOnce = () => (document ??= openApiDocument(routes, version));
  router.get('/openapi.json', async (_request, response) => void response.json(await documentOnce()));
  router.get('/docs', async (_request, response) => {
    response.type('html').send(docsPage(routes, await documentOnce()));
  });
};
