import { type ClientRequest, invalidRequest, type RequestError, readClientRequest } from './client-request.ts';
import type { Connection } from './connection.ts';

interface Subscriptions {
  readonly streamsPerSocket: number;
  subscribe(connection: Connection, name: string): void;
  unsubscribe(connection: Connection, name: string): void;
}

type Result = RequestError | null | boolean | readonly string[];

/** Returns the answer to a text frame of a client. */
export function answerFrame(text: string, connection: Connection, subscriptions: Subscriptions): object {
  const request = readClientRequest(text);
  if ('error' in request) return request;
  const result = carryOut(request, connection, subscriptions);
  const isError = typeof result === 'object' && result !== null && 'error' in result;
  return isError ? { ...result, id: request.id } : { result, id: request.id };
}

function carryOut(request: ClientRequest, connection: Connection, subscriptions: Subscriptions): Result {
  const { method, params = [] } = request;
  switch (method) {
    case 'LIST_SUBSCRIPTIONS':
      if (params.length > 0) return invalidRequest('too many parameters');
      return [...connection.feeds.keys(), ...connection.streams];
    case 'GET_PROPERTY':
      return propertyError(params, 1) ?? connection.isCombined;
    case 'SET_PROPERTY':
      return setProperty(params, connection);
    case 'UNSUBSCRIBE':
    case 'SUBSCRIBE':
      return changeStreams(request, connection, subscriptions);
  }
}

/** Returns what is wrong with the name of a property; undefined for the only one there is. */
function propertyError(params: readonly unknown[], most: number): RequestError | undefined {
  if (params.length > most) return invalidRequest('too many parameters');
  if (typeof params[0] !== 'string') return invalidRequest('property name must be a string');
  return params[0] === 'combined' ? undefined : { error: { code: 0, msg: 'Unknown property' } };
}

function setProperty(params: readonly unknown[], connection: Connection): RequestError | null {
  const error = propertyError(params, 2);
  if (error !== undefined) return error;
  const [, value] = params;
  if (typeof value !== 'boolean') return { error: { code: 1, msg: 'Invalid value type: expected Boolean' } };
  connection.isCombined = value;
  return null;
}

function changeStreams(request: ClientRequest, connection: Connection, subscriptions: Subscriptions): Result {
  const names = (request.params ?? []).filter((param) => typeof param === 'string');
  if (names.length !== (request.params ?? []).length) return invalidRequest('stream names must be strings');
  if (request.method === 'UNSUBSCRIBE') {
    for (const name of names) subscriptions.unsubscribe(connection, name);
    return null;
  }
  const added = new Set(names.filter((name) => !connection.streams.has(name)));
  if (connection.streams.size + added.size > subscriptions.streamsPerSocket) {
    return invalidRequest('too many subscriptions');
  }
  for (const name of names) subscriptions.subscribe(connection, name);
  return null;
}
