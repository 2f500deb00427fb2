import { z } from 'zod';

const Claim = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be namespace/name of a claim')
  .meta({ example: 'navidrome/navidrome-music' });

export const CapacitySettings = z.strictObject({
  knownFull: z.array(Claim).default([]),
  snapshotsKeptDays: z
    .int('must be a whole number of days')
    .min(1, 'must be a whole number of days, 1 or more')
    .meta({ example: 7 })
    .default(7),
});
