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
  .string()
  .max(253, 'is longer than any path here')
  .regex(/^\/[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'is no path of an export: "/", then letters, figures, ".", "_", "-" and "/" only');

export default defineRunbook({
  id: 'check-exports',
  words: ['check', 'exports'],
  usage: '[path]',
  title: 'Check all exports of the NAS against the cluster and the disk',
  codes: CODES,
  changes: true,
  params: z.strictObject({ path: Path.optional() }),
  fromWords: (words) => (words.length === 0 ? {} : { path: words.join(' ') }),
  gather,
  diagnose,
  plan,
  changed: (before: Facts, after: Facts) => exportChanges(before.nas.active, after.nas.active),
});
