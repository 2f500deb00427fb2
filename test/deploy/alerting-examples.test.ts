import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../src/config/config.ts';
import { everyOption } from '../example-config.ts';
import { root } from '../tree.ts';

const Route = z.object({
  matchers: z.array(z.string()).optional(),
  receiver: z.string(),
  group_interval: z.string(),
  repeat_interval: z.string(),
});
const Examples = z.object({
  route: Route.extend({ routes: z.array(Route) }),
  receivers: z.tuple([
    z.object({
      name: z.string(),
      webhook_configs: z.tuple([
        z.object({
          url: z.url(),
          send_resolved: z.boolean(),
          max_alerts: z.number(),
          http_config: z.object({
            authorization: z.object({ type: z.string(), credentials_file: z.string() }),
            tls_config: z.object({ ca_file: z.string(), cert_file: z.string().optional(), key_file: z.string().optional() }),
          }),
        }),
      ]),
    }),
  ]),
});

const { route, receivers } = Examples.parse(parse(readFileSync(join(root, 'deploy/alertmanager/alertmanager.yaml'), 'utf8')));
const [{ name, webhook_configs }] = receivers;
const [{ url, http_config: http, send_resolved: tellsOfEnds }] = webhook_configs;
const alerts = parseConfig(everyOption).alerts;

test("the example of Alertmanager's configuration speaks to the listener of the bot's as that demands", () => {
  const { protocol, port, pathname } = new URL(url);
  const { listen, token } = alerts ?? {};
  expect({ protocol, port: Number(port), pathname }).toEqual({
    protocol: listen?.tls === undefined ? 'http:' : 'https:',
    port: listen?.port,
    pathname: '/alertmanager',
  });
  // It must be reached from another machine.
  expect(listen?.address).toBe('0.0.0.0');
  expect(http.authorization.type === 'Bearer').toBe(token !== undefined);
  const { cert_file: certificate, key_file: key } = http.tls_config;
  const isClient = certificate !== undefined && key !== undefined;
  expect(isClient).toBe(listen?.tls?.clients !== undefined);
});

test('every route of it leads to the bot, which is told of ends', () => {
  expect([route, ...route.routes].map(({ receiver }) => receiver).filter((each) => each !== name)).toEqual([]);
  expect(tellsOfEnds).toBe(true);
});

test('it tells of the watchdog as often as the bot expects it', () => {
  const its = route.routes.find(({ matchers }) => matchers?.[0] === `alertname="${alerts?.watchdog?.alert}"`);
  expect(its?.repeat_interval).toBe(`${(alerts?.watchdog?.everyMs ?? 0) / 60_000}m`);
});
