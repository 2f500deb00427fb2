import { z } from 'zod';
import { AbsolutePath, Secret } from './fields.ts';
import { isPrivateWay } from './url.ts';

const PrometheusUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address', abort: true })
  .refine((text) => new URL(text).username + new URL(text).password === '', 'must have no user and password in it')
  .refine((text) => new URL(text).search + new URL(text).hash === '', 'must have no query and no fragment')
  .meta({ example: 'https://prometheus.example.net' });

/** Plain HTTP is usual inside a cluster, and enough for what is only read and never acted on; a token must not go over it. */
export const PrometheusSettings = z
  .strictObject({
    url: PrometheusUrl,
    ca: AbsolutePath.meta({ example: '/etc/storagebot/prometheus-ca.pem' }).exactOptional(),
    token: Secret.meta({ example: 'file:/run/secrets/storagebot/prometheus-token' }).exactOptional(),
  })
  .refine(({ url, token }) => token === undefined || isPrivateWay(url), {
    path: ['url'],
    error: 'must be https: the token goes there',
  })
  .refine(({ url, ca }) => ca === undefined || url.startsWith('https://'), {
    path: ['ca'],
    error: 'is of no use for an http:// address',
  });
