import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { exportChanges } from '../../src/topology/exported.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { gather } from './facts.ts';
import { plan } from './plan.ts';

/** A path; whether it lies below a root of the site is the site's to say. */
const Path = z
  .string('is missing')
  .max(253, 'is longer than any path here')
  .regex(/^\/[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'is no path of an export: "/", then letters, figures, ".", "_", "-" and "/" only');

export default defineRunbook({
  id: 'remove-export',
  words: ['remove', 'export'],
  usage: '<path>',
  title: 'Take an export of the NAS away that nothing uses',
  codes: CODES,
  changes: true,
  params: z.strictObject({ path: Path }),
  fromWords: ([path, ...more]) => (more.length === 0 ? { path } : { path: [path, ...more].join(' ') }),
  gather,
  diagnose,
  plan,
  changed: (before: Facts, after: Facts) => exportChanges(before.nas.active, after.nas.active),
});
