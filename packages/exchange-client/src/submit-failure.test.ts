import { describe, expect, it } from '@jest/globals';
import { classifySubmitFailure } from './submit-failure.ts';
import type { VenueAnswer } from './venue-answer.ts';

const NOW_MS = 1_700_000_000_000;

const answered = (httpStatus: number, body: string, retryAfterMs: number | null = null): VenueAnswer => ({
  kind: 'answered',
  httpStatus,
  body,
  retryAfterMs,
});
const said = (httpStatus: number, code: number, msg: string): VenueAnswer =>
  answered(httpStatus, JSON.stringify({ code, msg }));
const failed = (failure: string, wasSent: boolean): VenueAnswer => ({ kind: 'failed', failure, wasSent });

const UNKNOWN_503 = 'Unknown error, please check your request or try again later.';
const INTERNAL_503 = 'Internal error; unable to process your request. Please try again.';
const BANNED = 'Way too much request weight used; IP banned until 1669829694169. Please use the websocket.';

describe('classifySubmitFailure', () => {
  it.each([
    { name: '503 A, unknown error', answer: said(503, -1000, UNKNOWN_503) },
    { name: '503 A under -1001', answer: said(503, -1001, UNKNOWN_503) },
    { name: '503 A as plain text', answer: answered(503, UNKNOWN_503) },
    {
      name: '503 from a proxy that says Service Unavailable in HTML',
      answer: answered(503, '<h1>503 Service Unavailable</h1>'),
    },
    { name: '503 with an empty body', answer: answered(503, '') },
    { name: '-1000, which the documentation does not place', answer: said(400, -1000, 'An unknown error occurred.') },
    { name: '-1006', answer: said(400, -1006, 'An unexpected response was received. Execution status unknown.') },
    { name: '-1007', answer: said(408, -1007, 'Timeout waiting for response from backend server.') },
    { name: '-1007 under 503', answer: said(503, -1007, 'Timeout waiting for response from backend server.') },
    { name: '408 without a body', answer: answered(408, '') },
    { name: '500 with a code that would be a refusal', answer: said(500, -2019, 'Margin is insufficient.') },
    { name: '502 HTML', answer: answered(502, '<html>Bad Gateway</html>') },
    { name: '504 HTML', answer: answered(504, '<html>Gateway Time-out</html>') },
    { name: '400 HTML, written by some proxy', answer: answered(400, '<html>Bad Request</html>') },
    { name: '200 that is not JSON', answer: answered(200, '{"orderId":12') },
    { name: '200 that is no order', answer: answered(200, '{"hello":1}') },
    { name: '302', answer: answered(302, '') },
    { name: 'own deadline', answer: failed('no answer within 4000 ms', true) },
    { name: 'connection reset', answer: failed('ECONNRESET', true) },
    { name: 'broken pipe', answer: failed('EPIPE', true) },
  ])('unknown: $name', ({ answer }) => {
    expect(classifySubmitFailure(answer, NOW_MS).kind).toBe('unknown');
  });

  it.each([
    { name: '503 B', reason: 'unavailable', answer: said(503, -1001, 'Service Unavailable.') },
    { name: '503 B without code', reason: 'unavailable', answer: answered(503, 'Service Unavailable.') },
    { name: '503 internal error', reason: 'unavailable', answer: said(503, -1001, INTERNAL_503) },
    { name: '-1001 under 500', reason: 'unavailable', answer: said(500, -1001, INTERNAL_503) },
    { name: '-1016', reason: 'unavailable', answer: said(400, -1016, 'This service is no longer available.') },
    { name: 'connection refused', reason: 'unavailable', answer: failed('ECONNREFUSED', false) },
    {
      name: '-1008 under 503',
      reason: 'throttled',
      answer: said(503, -1008, 'Request throttled by system-level protection.'),
    },
    { name: '-1008', reason: 'throttled', answer: said(429, -1008, 'Server is currently overloaded.') },
    { name: '-1015', reason: 'throttled', answer: said(400, -1015, 'Too many new orders.') },
    { name: '429', reason: 'throttled', answer: said(429, -1003, 'Too many requests.') },
    { name: '-1003 under 400', reason: 'throttled', answer: said(400, -1003, 'Too many requests.') },
    { name: '429 HTML', reason: 'throttled', answer: answered(429, '<html>') },
    { name: '418', reason: 'banned', answer: said(418, -1003, BANNED) },
    { name: '418 without words', reason: 'banned', answer: answered(418, '') },
    { name: '429 that names a ban', reason: 'banned', answer: said(429, -1003, BANNED) },
    {
      name: '-1021',
      reason: 'clock',
      answer: said(400, -1021, 'Timestamp for this request is outside of the recvWindow.'),
    },
    {
      name: '-5028',
      reason: 'clock',
      answer: said(400, -5028, 'Timestamp for this request is outside of the ME recvWindow.'),
    },
    { name: '403 of the firewall', reason: 'identity', answer: answered(403, '<html>Forbidden</html>') },
    {
      name: '401 -2015',
      reason: 'identity',
      answer: said(401, -2015, 'Invalid API-key, IP, or permissions for action.'),
    },
    { name: '-2015', reason: 'identity', answer: said(400, -2015, 'Invalid API-key, IP, or permissions for action.') },
    { name: '-2014', reason: 'identity', answer: said(400, -2014, 'API-key format invalid.') },
    { name: '-1022', reason: 'identity', answer: said(400, -1022, 'Signature for this request is not valid.') },
    { name: '-4109', reason: 'identity', answer: said(400, -4109, 'This account is inactive.') },
    { name: '-4116', reason: 'duplicate', answer: said(400, -4116, 'ClientOrderId is duplicated.') },
    { name: '-2019 margin', reason: 'rejected', answer: said(400, -2019, 'Margin is insufficient.') },
    {
      name: '-2021 would trigger now',
      reason: 'rejected',
      answer: said(400, -2021, 'Order would immediately trigger.'),
    },
    { name: '-2022 reduce-only', reason: 'rejected', answer: said(400, -2022, 'ReduceOnly Order is rejected.') },
    {
      name: '-2027 leverage cap',
      reason: 'rejected',
      answer: said(400, -2027, 'Exceeded the maximum allowable position.'),
    },
    { name: '-4118 reduce-only margin', reason: 'rejected', answer: said(400, -4118, 'ReduceOnly Order Failed.') },
    {
      name: '-4120 wrong book',
      reason: 'rejected',
      answer: said(400, -4120, 'Use the Algo Order API endpoints instead.'),
    },
    {
      name: '-4164 notional',
      reason: 'rejected',
      answer: said(400, -4164, "Order's notional must be no smaller than 5."),
    },
    {
      name: '-4061 position side',
      reason: 'rejected',
      answer: said(400, -4061, "Order's position side does not match."),
    },
    { name: '-1111 precision', reason: 'rejected', answer: said(400, -1111, 'Precision is over the maximum.') },
    { name: '-5022 post only', reason: 'rejected', answer: said(400, -5022, 'Post Only order will be rejected.') },
    { name: 'a refusal under 200', reason: 'rejected', answer: said(200, -2010, 'New order rejected.') },
    {
      name: 'our own budget',
      reason: 'budget',
      answer: { kind: 'withheld', reason: 'budget', retryAtMs: NOW_MS } as const,
    },
    {
      name: 'our own ban',
      reason: 'banned',
      answer: { kind: 'withheld', reason: 'banned', retryAtMs: NOW_MS } as const,
    },
  ])('not placed, $reason: $name', ({ answer, reason }) => {
    expect(classifySubmitFailure(answer, NOW_MS)).toMatchObject({ kind: 'not_placed', reason });
  });

  it.each([
    { name: 'the end of a ban in the text', answer: said(418, -1003, BANNED), retryAtMs: 1_669_829_694_169 },
    { name: 'Retry-After', answer: answered(429, '{"code":-1003,"msg":"x"}', 7_000), retryAtMs: NOW_MS + 7_000 },
    { name: 'nothing said', answer: said(400, -2019, 'Margin is insufficient.'), retryAtMs: null },
  ])('says when to come back: $name', ({ answer, retryAtMs }) => {
    expect(classifySubmitFailure(answer, NOW_MS)).toMatchObject({ retryAtMs });
  });

  it('carries the venue code, not the body of a proxy', () => {
    expect(classifySubmitFailure(said(400, -2021, 'Order would immediately trigger.'), NOW_MS)).toMatchObject({
      venueCode: -2021,
      message: 'Order would immediately trigger.',
    });
    expect(
      JSON.stringify(classifySubmitFailure(answered(502, '<html>secret proxy page</html>'), NOW_MS)),
    ).not.toContain('secret');
  });
});
