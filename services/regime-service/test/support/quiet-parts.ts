import { ComponentLogs } from '@qt/service-kit';
import { ComponentRegistry } from '../../src/components/component-registry.ts';
import { LiveConfiguration } from '../../src/configuration/live-configuration.ts';

/** The project's own settings, and components that say nothing aloud. */
export const quietParts = (path = 'config/regime/config.yaml') => {
  const logs = new ComponentLogs({ service: 'regime-service', level: 'info', isOnStdout: false });
  const registry = new ComponentRegistry(logs);
  const logger = registry.loggerOf('configuration_manager');
  return { logs, registry, configuration: new LiveConfiguration({ path, logger }) };
};
