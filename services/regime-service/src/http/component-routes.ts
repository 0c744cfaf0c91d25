import { z } from 'zod';
import type { ComponentRegistry } from '../components/component-registry.ts';
import type { LiveConfiguration } from '../configuration/live-configuration.ts';
import { COMPONENT_NAMES, LevelName } from '../configuration/settings.ts';
import { type ApiRoute, type Answer, defineRoute, failure, ok } from './api-route.ts';
import { ComponentReply, ComponentsReply, DebugEnabledReply, DebugStateReply } from './reply-schemas.ts';

export interface ComponentRoutesDeps {
  readonly registry: ComponentRegistry;
  readonly configuration: LiveConfiguration;
}

const unknownComponent = (name: string): Answer =>
  failure(404, 'COMPONENT_UNKNOWN', `found no component ${name}; there are ${COMPONENT_NAMES.join(', ')}`);

const allComponents = async ({ registry }: ComponentRoutesDeps): Promise<Answer> => {
  const reports = await Promise.all(COMPONENT_NAMES.map((name) => registry.report(name)));
  const components = Object.fromEntries(
    reports.flatMap((report) => {
      if (report === null) return [];
      // The figures of single markets are on the component's own page.
      const { name, markets: _markets, ...shown } = report;
      return [[name, shown]];
    }),
  );
  return ok({ components });
};

/** Returns the pages of the components: how each is, how much it says, and its inside. */
export const componentRoutes = (deps: ComponentRoutesDeps): readonly ApiRoute[] => [
  defineRoute({
    method: 'get',
    path: '/api/v1/components',
    tag: 'components',
    summary: 'Every component: state, health, figures, last error, log level',
    reply: ComponentsReply,
    answer: () => allComponents(deps),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/components/{name}',
    tag: 'components',
    summary: 'One component, with the figures of each market',
    params: z.object({ name: z.string() }),
    reply: ComponentReply,
    failures: { 404: 'No component of this name; the message lists the known ones' },
    answer: async ({ params }) => {
      const report = await deps.registry.report(params.name);
      return report === null ? unknownComponent(params.name) : ok(report);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/debug/state/{component}',
    tag: 'components',
    summary: 'The inside of one component',
    params: z.object({ component: z.string() }),
    reply: DebugStateReply,
    failures: { 404: 'No component of this name; the message lists the known ones' },
    answer: async ({ params }) => {
      const inside = await deps.registry.debugState(params.component);
      return inside === null ? unknownComponent(params.component) : ok(inside);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/debug/enable',
    tag: 'components',
    summary: 'Sets the log level of one component until the configuration is read again',
    body: z.strictObject({ component: z.string(), level: LevelName.prefault('DEBUG') }),
    reply: DebugEnabledReply,
    isChange: true,
    failures: { 404: 'No component of this name; the message lists the known ones' },
    answer: ({ body: { component, level } }) => {
      if (!COMPONENT_NAMES.some((name) => name === component)) return unknownComponent(component);
      deps.configuration.put({ logging: { components: { [component]: level } } }, 'POST /api/v1/debug/enable');
      return ok({ component, level });
    },
  }),
];
