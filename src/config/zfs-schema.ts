import { z } from 'zod';

const PoolName = z.string().regex(/^[a-z][\w.-]*$/i, 'must be the name of a ZFS pool');

const ErrorCount = z.int('must be a whole number').min(0, 'must be 0 or more');

/** What is known of the errors of each ZFS pool: its list, or at least how long that is, and what each device counts. */
export const ZfsBaseline = z
  .record(
    PoolName,
    z.strictObject({
      errors: z.union(
        [z.array(z.string().min(1, 'must not be empty')), ErrorCount],
        'must be entries of "zpool status -v", or how many there are',
      ),
      checksums: z.record(z.string(), ErrorCount).default({}),
    }),
  )
  .meta({ example: { main: { errors: ['/mnt/main/media/film.mkv', 'main/volume:<0x1>'], checksums: { sdb: 112 } } } });
