import { refuse } from '../http/protocol-error.ts';
import { RequestParameters } from '../http/request-parameters.ts';
import type { SignedText } from '../http/signature.ts';

/** Chosen by the client and given back with the answer; null where a frame has none. */
export type FrameId = string | number | null;

/** A request of the websocket API as it stood in its frame. */
export interface OrderApiFrame {
  readonly id: FrameId;
  readonly method: string;
  readonly params: RequestParameters;
  /** Returns what the client has signed. Throws: -1102 when it has not. */
  readonly signedText: () => SignedText;
}

/** A frame that cannot be read still has an id to be answered under, when it has one. */
export type ReadFrame = OrderApiFrame | { readonly id: FrameId; readonly fault: Error };

const LONGEST_ID = 128;

/** A number as the client has written it: that is what was signed, and ids may exceed what a double holds. */
class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

const keepNumberTexts: Reviver = (_key, value, { source }) =>
  typeof value === 'number' ? new NumberText(source ?? String(value)) : value;

const parse = (text: string): unknown => JSON.parse(text, keepNumberTexts as (key: string, value: unknown) => unknown);

const idOf = (value: unknown): FrameId | undefined => {
  if (value instanceof NumberText) return Number.isSafeInteger(Number(value.text)) ? Number(value.text) : undefined;
  if (typeof value === 'string') return value.length <= LONGEST_ID ? value : undefined;
  return value === null || value === undefined ? null : undefined;
};

const textOf = (name: string, value: unknown): string => {
  if (value instanceof NumberText) return value.text;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  throw refuse.invalidData(name.slice(0, 40));
};

/**
 * Reads a text frame: `{"id", "method", "params"}`. What was signed are the parameters without the signature, sorted by name and joined as
 * `name=value` by `&`, unescaped.
 *
 * Source: Binance USD-M, websocket API general info.
 */
export function readOrderApiFrame(text: string): ReadFrame {
  let frame: unknown;
  try {
    frame = parse(text);
  } catch {
    return { id: null, fault: refuse.invalidJson() };
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame) || frame instanceof NumberText) {
    return { id: null, fault: refuse.invalidJson() };
  }
  const { id: sentId, method, params = {} } = frame as Record<string, unknown>;
  const id = idOf(sentId);
  if (id === undefined) return { id: null, fault: refuse.invalidData('id') };
  if (typeof method !== 'string' || method === '') return { id, fault: refuse.missingParameter('method') };
  if (typeof params !== 'object' || params === null || Array.isArray(params) || params instanceof NumberText) {
    return { id, fault: refuse.invalidData('params') };
  }
  try {
    const values = Object.entries(params).map(([name, value]) => [name, textOf(name, value)] as const);
    return { id, method, params: RequestParameters.of(values), signedText: () => signedTextOf(values) };
  } catch (thrown) {
    return { id, fault: thrown as Error };
  }
}

function signedTextOf(values: readonly (readonly [string, string])[]): SignedText {
  const signature = values.find(([name]) => name === 'signature')?.[1];
  if (signature === undefined || signature === '') throw refuse.missingParameter('signature');
  const signed = values.filter(([name]) => name !== 'signature').toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = signed.map(([name, value]) => `${name}=${value}`).join('&');
  return { payload: Buffer.from(text).toString('latin1'), signature };
}
