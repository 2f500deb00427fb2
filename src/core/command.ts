import type { AlertmanagerRequest } from './alertmanager.ts';
import { showAlertmanager } from './alertmanager.ts';
import { Refusal } from './errors.ts';
import type { KubernetesRequest } from './kubernetes.ts';
import { showKubernetes } from './kubernetes.ts';
import type { Output } from './output.ts';
import type { ProxmoxRequest } from './proxmox.ts';
import { showProxmox } from './proxmox.ts';
import { quote, requirePrintable, requireSendable } from './quote.ts';

/** A machine reached by SSH. `name` is a key of the site's configuration or the name of a Kubernetes node. */
export interface Host {
  readonly name: string;
  /** True where we do not log in as root, so that root's commands need `sudo`. */
  readonly sudo: boolean;
}

/** One program and its arguments on one host. No shell reads them: they are quoted one by one when they are sent. */
export interface SshCommand {
  readonly via: 'ssh';
  readonly host: string;
  readonly argv: readonly [string, ...string[]];
  /** One line for the program's standard input; a line feed is added. */
  readonly input?: string;
  readonly timeoutMs: number;
}

export interface KubernetesCommand {
  readonly via: 'kubernetes';
  readonly request: KubernetesRequest;
  readonly timeoutMs: number;
}

export interface ProxmoxCommand {
  readonly via: 'proxmox';
  readonly request: ProxmoxRequest;
  readonly timeoutMs: number;
}

/** A question to Prometheus about now: it can change nothing. */
export interface PrometheusCommand {
  readonly via: 'prometheus';
  /** In PromQL. */
  readonly query: string;
  readonly timeoutMs: number;
}

export interface AlertmanagerCommand {
  readonly via: 'alertmanager';
  readonly request: AlertmanagerRequest;
  readonly timeoutMs: number;
}

export type Command = SshCommand | KubernetesCommand | ProxmoxCommand | PrometheusCommand | AlertmanagerCommand;

/** How much harm a change can do; the approval policy has one rule for each. */
export type Risk = 'normal' | 'high' | 'destructive';

/** A question about the system, the exact command that asks it, and how to understand the answer. */
export interface Read<T> {
  readonly kind: 'read';
  readonly asks: string;
  readonly command: Command;
  /** Exit codes that are answers. Any other exit code means "could not look". */
  readonly answers: readonly number[];
  /** Throws when the output is not of the known form; the reader makes that a "could not look". */
  readonly parse: (output: Output) => T;
}

/** A command that changes its target. Nothing outside the engine can run one. */
export interface Change {
  readonly kind: 'change';
  readonly command: Command;
  readonly risk: Risk;
}

export function defineRead<T>(read: Omit<Read<T>, 'kind'>): Read<T> {
  requirePrintableCommand(read.command);
  return { kind: 'read', ...read };
}

export function defineChange(change: Omit<Change, 'kind'>): Change {
  requirePrintableCommand(change.command);
  return { kind: 'change', ...change };
}

/** An SSH command run by the login user. */
export function on(host: Host, timeoutMs: number, ...argv: [string, ...string[]]): SshCommand {
  return { via: 'ssh', host: host.name, argv, timeoutMs };
}

/** An SSH command run by root: through `sudo` where the login user is another. */
export function asRoot(host: Host, timeoutMs: number, ...argv: [string, ...string[]]): SshCommand {
  return host.sudo ? on(host, timeoutMs, 'sudo', '--non-interactive', ...argv) : on(host, timeoutMs, ...argv);
}

/** An argument that stands where a program would also take options: a path, a name, an address. */
export function operand(text: string): string {
  if (!text.startsWith('-')) return text;
  throw new Refusal(
    'bad-request',
    `${JSON.stringify(text.slice(0, 300))} begins with a dash: a program would take it for an option`,
  );
}

export function kubernetes(request: KubernetesRequest, timeoutMs = 5_000): KubernetesCommand {
  return { via: 'kubernetes', request, timeoutMs };
}

export function proxmox(request: ProxmoxRequest, timeoutMs = 10_000): ProxmoxCommand {
  return { via: 'proxmox', request, timeoutMs };
}

export function prometheus(query: string, timeoutMs = 10_000): PrometheusCommand {
  return { via: 'prometheus', query, timeoutMs };
}

export function alertmanager(request: AlertmanagerRequest, timeoutMs = 10_000): AlertmanagerCommand {
  return { via: 'alertmanager', request, timeoutMs };
}

/** The exact line an approver sees and a recording is keyed by, safe to paste into a terminal of that target. */
export function show(command: Command): string {
  return `${targetOf(command)}$ ${commandLine(command)}`;
}

/** No host of a configuration may have one of the names other than its own. */
export function targetOf(command: Command): string {
  switch (command.via) {
    case 'ssh':
      return command.host;
    case 'kubernetes':
      return 'cluster';
    case 'proxmox':
    case 'prometheus':
    case 'alertmanager':
      return command.via;
  }
}

/** The line without its target, as it is sent over SSH (without `input`), or given to kubectl, pvesh, promtool or amtool. */
export function commandLine(command: Command): string {
  switch (command.via) {
    case 'ssh': {
      const line = command.argv.map(quote).join(' ');
      return command.input === undefined ? line : `${line} <<< ${quote(command.input)}`;
    }
    case 'kubernetes':
      return showKubernetes(command.request);
    case 'proxmox':
      return showProxmox(command.request);
    case 'prometheus':
      return `promtool query instant http://localhost:9090 ${quote(command.query)}`;
    case 'alertmanager':
      return showAlertmanager(command.request);
  }
}

function requirePrintableCommand(command: Command): void {
  if (command.via !== 'ssh') return requirePrintable(commandLine(command));
  for (const part of [command.host, ...command.argv, command.input ?? '']) requirePrintable(part);
  requireSendable(command.argv.map(quote).join(' '));
  requireSendable(command.input ?? '');
}
