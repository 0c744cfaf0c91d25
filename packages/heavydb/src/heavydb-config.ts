import { z } from 'zod';

/** Variables of a service that can use HeavyDB: `z.object({ ...CommonConfig, ...HeavyDbConfig })`. Off while HEAVYDB_URL is left out. */
export const HeavyDbConfig = {
  HEAVYDB_URL: z
    .string()
    .regex(/^https?:\/\/[^:@/]+:[^@/]*@[^/]+\/.+$/, 'expected a URL such as http://user:password@host:6278/database')
    .optional(),
};
