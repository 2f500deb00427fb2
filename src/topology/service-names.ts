interface NameSeenFrom {
  /** `postgresql.dbaas:5432`, `postgresql`, `postgresql.dbaas.svc.cluster.local` */
  readonly name: string;
  /** The namespace in which a name without one is looked up. */
  readonly from: string;
}

/** One that names no port means all of them. */
export function sameService(one: NameSeenFrom, other: NameSeenFrom): boolean {
  const [a, b] = [partsOf(one), partsOf(other)];
  return a.service === b.service && (a.port === undefined || b.port === undefined || a.port === b.port);
}

/** Some service of the namespace, at that very port. */
export function isInNamespace(
  one: NameSeenFrom,
  { namespace, port }: { readonly namespace: string; readonly port: number },
): boolean {
  const { service, port: named } = partsOf(one);
  return service.endsWith(`.${namespace}`) && named === `${port}`;
}

function partsOf({ name, from }: NameSeenFrom) {
  const [host = '', port] = name.split(':', 2);
  const [service = '', namespace = from] = host.replace(/\.$/, '').split('.');
  return { service: `${service}.${namespace}`, port };
}
