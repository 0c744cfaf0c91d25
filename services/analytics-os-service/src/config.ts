import { CommonConfig } from '@qt/service-kit';
import { z } from 'zod';

/** Every variable of analytics-os-service; only this file and main.ts see the environment. */
export const AnalyticsConfig = z.object({ ...CommonConfig });
