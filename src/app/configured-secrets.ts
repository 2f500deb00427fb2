import { type SecretRef, showSecretRef } from '../config/fields.ts';
import type { Config } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { sshSecrets } from './logins.ts';

/** Every secret that the configuration names, each once, but those that open Vault. */
export function configuredSecrets(config: Config): SecretRef[] {
  const { slack, audit, prometheus, alerts, site } = config;
  const ofSlack = slack === undefined ? [] : [slack.appToken, slack.botToken];
  const ofAudit = [audit.key, audit.anchor?.token].filter((ref) => ref !== undefined);
  const { api } = site.hypervisor ?? {};
  const ofProxmox = api === undefined ? [] : [api.read.secret, api.change.secret];
  const ofPrometheus = prometheus?.token === undefined ? [] : [prometheus.token];
  const ofAlerts = [alerts?.token, alerts?.listen?.tls?.key, alerts?.alertmanager?.token].filter((ref) => ref !== undefined);
  const all = [...ofSlack, ...sshSecrets(config), ...ofAudit, ...ofProxmox, ...ofPrometheus, ...ofAlerts];
  return [...new Map(all.map((ref) => [showSecretRef(ref), ref])).values()];
}

/** A file may be on a server that does not answer. */
const LEARN_WITHIN_MS = 1_000;

/**
 * Reads what is at hand (environment, files), so that it is known again where a host prints it, also by a part of the bot that has
 * no use for it. What cannot be read now is told by whoever needs it.
 */
export async function learnSecrets(config: Config, { resolve }: Secrets): Promise<void> {
  const { token, appRole } = config.vault?.auth ?? {};
  const ofVault = [token, appRole?.roleId, appRole?.secretId].filter((ref) => ref !== undefined);
  const atHand = [...configuredSecrets(config), ...ofVault].filter(({ from }) => from !== 'vault');
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  const timer = setTimeout(giveUp, LEARN_WITHIN_MS);
  await Promise.race([late, Promise.allSettled(atHand.map(resolve))]).finally(() => clearTimeout(timer));
}
