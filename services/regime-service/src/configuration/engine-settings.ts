import { ENGINE_DEFAULTS, type EngineParameters, type EngineParametersPatch } from '@qt/regime';
import type { RegimeSettings } from './settings.ts';
import type { SettingsChange } from './settings-tree.ts';
import { camelName } from './wire-names.ts';

const camelFields = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [camelName(key), value as unknown]));

const PARTS = Object.keys(ENGINE_DEFAULTS) as (keyof EngineParameters)[];

/** Returns the engine's parameters as the settings state them. */
export const engineParametersOf = ({ detection }: RegimeSettings): EngineParametersPatch =>
  // The names are the engine's own in another spelling; a test holds the two against each other.
  Object.fromEntries(PARTS.map((part) => [part, camelFields(detection[part])])) as EngineParametersPatch;

/** Returns only what changed: a parameter that is given anew would throw away what the engine made of it since. */
export const changedParametersOf = (changes: readonly SettingsChange[]): EngineParametersPatch => {
  const patch: Record<string, Record<string, unknown>> = {};
  for (const { path, to } of changes) {
    const [root, part = '', name] = path.split('.');
    if (root !== 'detection' || name === undefined) continue;
    patch[part] = { ...patch[part], [camelName(name)]: to };
  }
  return patch as EngineParametersPatch;
};
