import { readFile } from 'node:fs/promises';
import { type Listen, serveWebhooks, type Webhooks, type WebhooksOptions } from '../../handlers/webhooks/index.ts';
import type { AlertSettings } from '../config/alert-schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../log.ts';

export interface AlertListenerOptions {
  readonly secrets: Pick<Secrets, 'resolve'>;
  readonly accept: WebhooksOptions['accept'];
  readonly tell?: WebhooksOptions['tell'];
  readonly log: Log;
}

/** A renewed certificate and a renewed token are used without a restart. */
const RENEW_EVERY_MS = 10 * 60_000;

/** The listener that the settings ask for; undefined where they ask for none. Rejects with a sentence when it cannot be opened. */
export async function openAlertListener(
  { listen, token }: AlertSettings,
  { secrets, accept, tell, log }: AlertListenerOptions,
): Promise<Webhooks | undefined> {
  if (listen === undefined) return undefined;
  const { address, port, tls } = listen;
  const readTls = tls && (() => tlsOf(tls, secrets));
  const tokens = token && (await openTokens(() => secrets.resolve(token)));
  const webhooks = await serveWebhooks({
    listen: { address, port, ...(readTls && { tls: await readTls() }) },
    ...(tokens && { tokens: tokens.shown }),
    accept,
    ...(tell && { tell }),
    log,
  }).catch((error: unknown) => {
    throw new Error(`Alerts cannot be listened for (alerts.listen): ${messageOf(error)}`, { cause: error });
  });
  const attempt = (what: string, work: () => Promise<void>) =>
    void work().catch((error: unknown) =>
      log.warn({ error }, `the ${what} of the listener of alerts cannot be renewed: ${messageOf(error)}`),
    );
  const timer = setInterval(() => {
    if (readTls !== undefined) attempt('certificate', async () => webhooks.renew(await readTls()));
    if (tokens !== undefined) attempt('token', tokens.renew);
  }, RENEW_EVERY_MS).unref();
  return { ...webhooks, close: () => (clearInterval(timer), webhooks.close()) };
}

/** A token that was replaced is good until the next time it is read: senders are given the new one a little later or earlier. */
async function openTokens(read: () => Promise<string>) {
  let shown: readonly string[] = [await read()];
  return {
    shown: () => shown,
    async renew() {
      const [before] = shown;
      const now = await read();
      shown = before === undefined || before === now ? [now] : [now, before];
    },
  };
}

type Tls = NonNullable<Listen['tls']>;
type TlsSettings = NonNullable<NonNullable<AlertSettings['listen']>['tls']>;

async function tlsOf({ certificate, key, clients }: TlsSettings, { resolve }: Pick<Secrets, 'resolve'>): Promise<Tls> {
  return {
    certificate: await readPem(certificate),
    key: await resolve(key),
    ...(clients === undefined ? {} : { clients: await readPem(clients) }),
  };
}

function readPem(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`A certificate of alerts.listen.tls cannot be read: ${messageOf(error)}`, { cause: error });
  });
}
