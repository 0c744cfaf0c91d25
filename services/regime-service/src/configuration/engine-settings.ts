import type { EngineParametersPatch } from '@qt/regime';
import type { RegimeSettings } from './settings.ts';

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;
type CamelFields<Fields> = { readonly [Key in keyof Fields as Key extends string ? Camel<Key> : never]: Fields[Key] };

const camelFields = <Fields extends object>(fields: Fields): CamelFields<Fields> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  ) as CamelFields<Fields>;

/** Returns the engine's parameters as the settings state them. */
export const engineParametersOf = ({ detection }: RegimeSettings): EngineParametersPatch => ({
  scoring: camelFields(detection.scoring),
  transition: camelFields(detection.transition),
});
