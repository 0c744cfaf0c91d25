import { z } from 'zod';
import type { LiveConfiguration } from '../configuration/live-configuration.ts';
import { isHot } from '../configuration/settings.ts';
import type { Violation } from '../configuration/settings-text.ts';
import { changesBetween } from '../configuration/settings-tree.ts';
import { type Answer, type ApiRoute, defineRoute, failure, ok, sentenceOf, told } from './api-route.ts';
import { ChangedReply, ConfigurationReply, ValidationReply } from './reply-schemas.ts';

const invalid = (violations: readonly Violation[]): Answer => ({
  status: 422,
  body: {
    valid: false,
    violations: told(violations),
    error: { code: 'CONFIG_INVALID', message: sentenceOf(violations) },
  },
});

const current = ({ path, settings, restartNeeded }: LiveConfiguration): Answer => {
  const leaves = changesBetween({}, settings).map((leaf) => leaf.path);
  const hot_reload = Object.fromEntries(leaves.map((leaf) => [leaf, isHot(leaf)]));
  return ok({ file: path, settings, hot_reload, restart_needed: restartNeeded });
};

const validate = (configuration: LiveConfiguration, document: unknown): Answer => {
  if (document === undefined)
    return failure(400, 'BODY_MISSING', 'expected a configuration in YAML or JSON, such as --data-binary @config.yaml');
  const judged = configuration.judge(document);
  if (judged.kind === 'invalid') return invalid(judged.violations);
  return ok({ valid: true, restart_needed: judged.restartNeeded ?? [] });
};

const put = (configuration: LiveConfiguration, patch: Readonly<Record<string, unknown>>): Answer => {
  const outcome = configuration.put(patch, 'PUT /api/v1/config');
  switch (outcome.kind) {
    case 'applied':
      return ok({ changes: outcome.changes, is_kept_after_restart: false });
    case 'invalid':
      return invalid(outcome.violations);
    case 'restart_needed': {
      const message = `restart needed: ${outcome.paths.join(', ')}; nothing was changed. Set them in the file and restart`;
      return failure(409, 'RESTART_NEEDED', message, { restart_needed: outcome.paths });
    }
    case 'file_fault':
      return failure(500, 'CONFIG_FILE', outcome.sentences.join('; '));
  }
};

/** Returns the pages of the configuration. */
export const configurationRoutes = (configuration: LiveConfiguration): readonly ApiRoute[] => [
  defineRoute({
    method: 'get',
    path: '/api/v1/config',
    tag: 'configuration',
    summary: 'What is set now, and which parameters are hot',
    reply: ConfigurationReply,
    answer: () => current(configuration),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/config/validate',
    tag: 'configuration',
    summary: 'Checks a whole configuration (YAML or JSON) and says everything that is wrong with it; changes nothing',
    body: z.unknown(),
    reply: ValidationReply,
    isValidation: true,
    failures: { 422: 'The configuration is not valid: violations with path, found and expected' },
    answer: ({ body }) => validate(configuration, body),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/config',
    tag: 'configuration',
    summary: 'Sets hot parameters, all or none, until the file is read again; null brings a default back',
    body: z.record(z.string(), z.unknown()),
    reply: ChangedReply,
    isChange: true,
    failures: { 409: 'A parameter needs a restart; nothing was changed', 422: 'The result would not be valid' },
    answer: ({ body }) => put(configuration, body),
  }),
];
