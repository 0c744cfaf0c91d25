import { z } from 'zod';
import { defineEvent } from '../envelope.ts';

/** Said by every service each 5 s; may be lost, is not kept. */
export const ServiceHeartbeat = defineEvent({
  type: 'service.heartbeat',
  version: 1,
  payload: z.object({
    service: z.string().min(1),
    status: z.enum(['healthy', 'degraded', 'starting', 'draining']),
    uptimeSeconds: z.number().nonnegative(),
    memoryBytes: z.number().nonnegative(),
  }),
});
export type ServiceHeartbeat = z.infer<typeof ServiceHeartbeat.payload>;

export const SystemAlert = defineEvent({
  type: 'system.alert',
  version: 1,
  payload: z.object({
    code: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
    severity: z.enum(['info', 'warning', 'critical']),
    component: z.string().min(1),
    message: z.string().min(1),
  }),
});
export type SystemAlert = z.infer<typeof SystemAlert.payload>;
