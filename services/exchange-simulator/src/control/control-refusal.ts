import type { Response } from 'express';

/** Answers a request to the control pages that cannot be done. */
export const refusal = (response: Response, status: number, code: string, message: string): void => {
  response.status(status).json({ error: { code, message } });
};
