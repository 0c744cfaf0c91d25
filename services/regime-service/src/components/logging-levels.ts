import type { ComponentLogs, LogLevel } from '@qt/service-kit';
import type { LiveConfiguration } from '../configuration/live-configuration.ts';
import { COMPONENT_NAMES, type RegimeSettings } from '../configuration/settings.ts';

const levelOf = (name: string): LogLevel => name.toLowerCase() as LogLevel;

const setLevels = ({ logging }: RegimeSettings, logs: ComponentLogs, processLevel: LogLevel): void => {
  logs.setLevel(logging.level === undefined ? processLevel : levelOf(logging.level));
  for (const component of COMPONENT_NAMES) {
    const own = logging.components[component];
    logs.setComponentLevel(component, own === undefined ? null : levelOf(own));
  }
};

/** Keeps the levels of all loggers as the settings have them. */
export const followLogging = (configuration: LiveConfiguration, logs: ComponentLogs): void => {
  const processLevel = logs.level;
  configuration.onChange((settings) => setLevels(settings, logs, processLevel));
};
